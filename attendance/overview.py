"""What the pages of attendance show: the clock, a month, a day, the team today."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from attendance.models import Correction, Punch
from attendance.services import Inputs, zone_of
from attendance.timesheet import DayResult, Session, Status, Warn
from employees.models import Employee

DAY = dt.timedelta(days=1)


def today_of(employee: Employee) -> dt.date:
    """Return today's date where somebody works."""
    return timezone.localdate(timezone=zone_of(employee))


# --- The clock ------------------------------------------------------------------------


class State(StrEnum):
    """What the clock of somebody says."""

    OUT = "out"
    IN = "in"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Clock:
    """Somebody's clock: what it says, since when, and today's figures so far."""

    employee: Employee
    zone: ZoneInfo
    state: State
    since: dt.datetime | None
    result: DayResult
    worked_minutes: int
    missing_on: dt.date | None = None

    @property
    def remaining_minutes(self) -> int:
        """How much of what is required is left today."""
        return max(self.result.required_minutes - self.worked_minutes, 0)


def clock_of(employee: Employee, now: dt.datetime) -> Clock:
    """Return somebody's clock; a night that began yesterday is still today."""
    zone = zone_of(employee)
    today = now.astimezone(zone).date()
    inputs = Inputs([employee], today - 2 * DAY, today + DAY)
    results = inputs.results(employee, now)
    result = next(
        (each for each in results.values() if each.open_session(now)), results[today]
    )
    session = result.open_session(now)
    return Clock(
        employee=employee,
        zone=zone,
        state=_state(session, now),
        since=_since(session, result, now),
        result=result,
        worked_minutes=_minutes(result.worked_until(now)),
        missing_on=_missing_on(results.values(), today),
    )


def _state(session: Session | None, now: dt.datetime) -> State:
    if session is None:
        return State.OUT
    return State.BREAK if session.is_on_break(now) else State.IN


def _since(
    session: Session | None, result: DayResult, now: dt.datetime
) -> dt.datetime | None:
    if session is None:
        ends = [each.clock_out.at for each in result.sessions if each.clock_out]
        return max(ends, default=None)
    if session.is_on_break(now):
        return session.punches[-1].at
    assert session.clock_in is not None
    return session.clock_in.at


def _missing_on(results: Iterable[DayResult], today: dt.date) -> dt.date | None:
    """Return the latest day before today that lacks a punch."""
    lacking = [
        result.on
        for result in results
        if result.status is Status.MISSING_PUNCH and result.on < today
    ]
    return max(lacking, default=None)


# --- A month --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Month:
    """The days of a month, with the sums of those that have passed."""

    first_on: dt.date
    today: dt.date
    zone: ZoneInfo
    days: Sequence[DayResult]

    @property
    def before(self) -> dt.date:
        """The first day of the month before."""
        return (self.first_on - DAY).replace(day=1)

    @property
    def after(self) -> dt.date:
        """The first day of the month after."""
        return (self.first_on + 31 * DAY).replace(day=1)

    @property
    def passed(self) -> Sequence[DayResult]:
        """The days before today."""
        return [day for day in self.days if day.on < self.today]

    @property
    def worked_minutes(self) -> int:
        return sum(day.worked_minutes for day in self.passed)

    @property
    def break_minutes(self) -> int:
        return sum(day.break_minutes for day in self.passed)

    @property
    def required_minutes(self) -> int:
        return sum(day.required_minutes for day in self.passed)

    @property
    def difference_minutes(self) -> int:
        """How much more than required was worked up to yesterday."""
        return self.worked_minutes - self.required_minutes

    @property
    def missing_count(self) -> int:
        """How many days lack a punch."""
        return sum(day.status is Status.MISSING_PUNCH for day in self.days)


def month_of(employee: Employee, first_on: dt.date, now: dt.datetime) -> Month:
    """Return every day of the month that begins on ``first_on``."""
    last_on = (first_on + 31 * DAY).replace(day=1) - DAY
    zone = zone_of(employee)
    results = Inputs([employee], first_on, last_on).results(employee, now)
    return Month(first_on, now.astimezone(zone).date(), zone, list(results.values()))


# --- A day ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Day:
    """A day with every punch that belongs to it, also void ones, and its versions."""

    result: DayResult
    zone: ZoneInfo
    punches: Sequence[Punch]
    corrections: Sequence[Correction]


def day_of(employee: Employee, on: dt.date, now: dt.datetime) -> Day:
    """Return a day: its result, its punches, and the corrections of it."""
    zone = zone_of(employee)
    results = Inputs([employee], on - DAY, on + DAY).results(employee, now)
    return Day(
        result=results[on],
        zone=zone,
        punches=_punches_of(employee, on, results, zone),
        corrections=list(
            Correction.objects.filter(employee=employee, on=on)
            .select_related("decided_by", "employee__manager")
            .prefetch_related("punches")
            .order_by("-created_at")
        ),
    )


def _punches_of(
    employee: Employee, on: dt.date, results: dict[dt.date, DayResult], zone: ZoneInfo
) -> Sequence[Punch]:
    """Return the punches of a day; a void one shows on its own date."""
    days = {
        punch.key: day
        for day, result in results.items()
        for session in result.sessions
        for punch in session.punches
    }
    near = (
        Punch.objects.filter(employee=employee)
        .between(on - DAY, on + 2 * DAY)
        .select_related("voided_by")
        .order_by("punched_at", "id")
    )
    return [
        punch
        for punch in near
        if days.get(punch.pk, punch.punched_at.astimezone(zone).date()) == on
    ]


WARNINGS: dict[Warn, Promise] = {
    Warn.NO_CLOCK_IN: _("The clock-in is missing."),
    Warn.NO_CLOCK_OUT: _("The clock-out is missing."),
    Warn.NO_BREAK_START: _("The start of a break is missing."),
    Warn.NO_BREAK_END: _("The end of a break is missing."),
    Warn.ON_LEAVE: _("There are punches on a day of leave."),
    Warn.ON_HOLIDAY: _("There are punches on a holiday."),
    Warn.NOT_EMPLOYED: _("There are punches outside the employment."),
}


# --- The team today -------------------------------------------------------------------


class Presence(StrEnum):
    """Where somebody is, as a manager asks."""

    MISSING = "missing"
    NOT_IN = "not_in"
    IN = "in"
    BREAK = "break"
    LEFT = "left"
    LATER = "later"
    LEAVE = "leave"
    OFF = "off"


PRESENCES: dict[Presence, tuple[Promise, str]] = {
    Presence.MISSING: (_("Missing punch"), "warn"),
    Presence.NOT_IN: (_("Not in"), "bad"),
    Presence.IN: (_("In"), "good"),
    Presence.BREAK: (_("On a break"), "good"),
    Presence.LEFT: (_("Left"), ""),
    Presence.LATER: (_("Not due yet"), ""),
    Presence.LEAVE: (_("On leave"), "mine"),
    Presence.OFF: (_("Off"), ""),
}


@dataclass(frozen=True, slots=True)
class Member:
    """One of the team: where they are now."""

    employee: Employee
    zone: ZoneInfo
    presence: Presence
    result: DayResult
    worked_minutes: int
    since: dt.datetime | None

    @property
    def label(self) -> Promise:
        """Where they are, in words."""
        return PRESENCES[self.presence][0]

    @property
    def tone(self) -> str:
        """The class of the chip."""
        return PRESENCES[self.presence][1]

    @property
    def is_late(self) -> bool:
        """Whether they came late, or are late and not in yet."""
        return self.presence is Presence.NOT_IN or self.result.late_minutes > 0


def team_of(employee: Employee) -> list[Employee]:
    """Return the active people who report to somebody."""
    team = Employee.objects.active().filter(manager=employee)
    return list(team.prefetch_related("location", "organization"))


def team_today(people: Sequence[Employee], now: dt.datetime) -> list[Member]:
    """Return where people are now, those to look after first.

    A fixed number of queries. The people carry their location and organization.
    """
    if not people:
        return []
    todays = {person.pk: now.astimezone(zone_of(person)).date() for person in people}
    inputs = Inputs(people, min(todays.values()) - DAY, max(todays.values()))
    members = []
    for person in people:
        # A night that began yesterday may go on.
        days = [todays[person.pk] - DAY, todays[person.pk]]
        results = inputs.results(person, now, days=days)
        members.append(_member(person, results, now))
    order = list(Presence)
    return sorted(
        (each for each in members if each.result.status is not Status.NOT_EMPLOYED),
        key=lambda each: (order.index(each.presence), each.employee.name),
    )


def _member(
    employee: Employee, results: dict[dt.date, DayResult], now: dt.datetime
) -> Member:
    *_earlier, today = results.values()
    result = next((each for each in results.values() if each.open_session(now)), today)
    session = result.open_session(now)
    return Member(
        employee=employee,
        zone=zone_of(employee),
        presence=_presence(result, session, now),
        result=result,
        worked_minutes=_minutes(result.worked_until(now)),
        since=_since(session, result, now),
    )


def _presence(result: DayResult, session: Session | None, now: dt.datetime) -> Presence:
    if session:
        return Presence.BREAK if session.is_on_break(now) else Presence.IN
    match result.status:
        case Status.MISSING_PUNCH:
            return Presence.MISSING
        case Status.LEAVE:
            return Presence.LEAVE
        case Status.HOLIDAY | Status.OFF:
            return Presence.OFF if not result.sessions else Presence.LEFT
        case Status.PRESENT | Status.PARTIAL | Status.NOT_EMPLOYED:
            return Presence.LEFT
    assert result.shift is not None
    is_due = result.due_at is None or result.due_at <= now
    return Presence.NOT_IN if is_due else Presence.LATER


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a team are somewhere."""

    presence: Presence
    count: int

    @property
    def label(self) -> Promise:
        """Where they are, in words."""
        return PRESENCES[self.presence][0]

    @property
    def tone(self) -> str:
        """The class of the chip."""
        return PRESENCES[self.presence][1]


def counts_of(members: Iterable[Member]) -> list[Count]:
    """Return how many are where, only where anybody is."""
    where = [member.presence for member in members]
    return [
        Count(presence, where.count(presence))
        for presence in Presence
        if presence in where
    ]


def _minutes(time: dt.timedelta) -> int:
    return time // dt.timedelta(minutes=1)
