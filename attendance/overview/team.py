"""Where people are now, as a manager asks."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from attendance.overview.clock import minutes_of, since_of
from attendance.schedule import DAY
from attendance.services import Inputs, zone_of
from attendance.timesheet import DayResult, Session, Status
from employees.models import Employee


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
    zones = {zone_of(person) for person in people}
    todays = [now.astimezone(zone).date() for zone in zones]
    inputs = Inputs(people, min(todays) - DAY, max(todays))
    members = [_member(person, inputs.result_at(person, now), now) for person in people]
    order = list(Presence)
    return sorted(
        (each for each in members if each.result.status is not Status.NOT_EMPLOYED),
        key=lambda each: (order.index(each.presence), each.employee.name),
    )


def _member(employee: Employee, result: DayResult, now: dt.datetime) -> Member:
    session = result.open_session(now)
    return Member(
        employee=employee,
        zone=zone_of(employee),
        presence=_presence(result, session, now),
        result=result,
        worked_minutes=minutes_of(result.worked_until(now)),
        since=since_of(session, result, now),
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
