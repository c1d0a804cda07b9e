"""Who is away: on some days of one's team, and on every day of a month."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from employees.models import Employee
from leave.calendar import DayRule, Portion, days_of
from leave.models import LeaveDay, LeaveRequest
from leave.models.queries import LeaveDayQuerySet
from leave.working_time import rules_of_many
from organizations.access import OrganizationAccess

#: Days in order, and which part of each.
Parts = dict[dt.date, str]


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody's granted leave within some days: when, never what for.

    ``portion`` says which part is taken where that is a single day.
    """

    employee: Employee
    first_on: dt.date
    last_on: dt.date
    portion: str = Portion.FULL

    @classmethod
    def of(cls, employee: Employee, days: Parts) -> "Absence":
        """Return the absence that some days in order make."""
        first_on, *_rest = days
        last_on = next(reversed(days))
        return cls(employee, first_on, last_on, days[first_on])


@dataclass(frozen=True, slots=True)
class TeamAway:
    """Who else of a team is away on some days.

    ``size`` counts the team without the person. ``most`` of them are away at once, for
    the first time on ``most_on``.
    """

    size: int = 0
    absences: tuple[Absence, ...] = ()
    most: int = 0
    most_on: dt.date | None = None

    @property
    def present(self) -> int:
        """How many are there on the day that most are away."""
        return self.size - self.most


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of one person."""

    employee: Employee
    first_on: dt.date
    last_on: dt.date


def team_away(employee: Employee, first_on: dt.date, last_on: dt.date) -> TeamAway:
    """Return who else of somebody's team is away on some days."""
    return team_away_of_many([Span(employee, first_on, last_on)])[0]


def team_away_of_many(spans: Sequence[Span]) -> list[TeamAway]:
    """Return the same for each of many spans, in two queries.

    A team are the active people who report to the same manager.
    """
    managers = {span.employee.manager_id for span in spans} - {None}
    if not managers:
        return [TeamAway() for _ in spans]
    teams: dict[UUID | None, dict[UUID, Employee]] = {}
    colleagues = Employee.objects.active().filter(manager__in=managers)
    for colleague in colleagues.only(
        "first_name", "preferred_name", "last_name", "manager"
    ):
        teams.setdefault(colleague.manager_id, {})[colleague.pk] = colleague
    days = (
        LeaveDay.objects.granted()
        .filter(employee__manager__in=managers, charge__gt=0)
        .between(
            min(span.first_on for span in spans), max(span.last_on for span in spans)
        )
    )
    away = parts_of(days)
    return [
        _within(span, teams.get(span.employee.manager_id, {}), away) for span in spans
    ]


def parts_of(days: LeaveDayQuerySet) -> dict[UUID, Parts]:
    """Return each person's days in order, in one query; two halves are a whole."""
    found: dict[UUID, Parts] = {}
    rows = days.order_by("on").values_list("employee", "on", "portion")
    for employee_id, on, portion in rows:
        held = found.setdefault(employee_id, {})
        held[on] = Portion.FULL if on in held else portion
    return found


def _within(
    span: Span, team: Mapping[UUID, Employee], away: Mapping[UUID, Parts]
) -> TeamAway:
    others = {key: person for key, person in team.items() if key != span.employee.pk}
    counts: dict[dt.date, int] = {}
    absences = []
    for key, person in others.items():
        days = {
            day: portion
            for day, portion in away.get(key, {}).items()
            if span.first_on <= day <= span.last_on
        }
        if days:
            absences.append(Absence.of(person, days))
        for day in days:
            counts[day] = counts.get(day, 0) + 1
    most_on = min(counts, key=lambda day: (-counts[day], day), default=None)
    return TeamAway(
        size=len(others),
        absences=tuple(sorted(absences, key=lambda absence: absence.first_on)),
        most=counts[most_on] if most_on else 0,
        most_on=most_on,
    )


# --- A month on a wall ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of one person on the calendar.

    ``kind`` is away, asked, holiday, off or free. ``words`` say it; the type of leave
    only to those who may see it, to others it is "Away".
    """

    on: dt.date
    kind: str
    words: str = ""
    portion: str = Portion.FULL
    colour: str = ""
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One person's month."""

    employee: Employee
    cells: tuple[Cell, ...]


def month_of(
    employees: Sequence[Employee],
    first_on: dt.date,
    last_on: dt.date,
    access: OrganizationAccess,
    words: "Words",
) -> list[Line]:
    """Return every day of each person, in five queries whatever their number."""
    rules = rules_of_many(employees, first_on, last_on)
    taken: dict[tuple[UUID, dt.date], list[LeaveDay]] = {}
    for day in (
        LeaveDay.objects.live()
        .filter(employee__in=employees)
        .between(first_on, last_on)
        .filter(charge__gt=0)
        .select_related("request__leave_type")
        .only(
            "employee",
            "on",
            "portion",
            "charge",
            "request",
            "request__status",
            "request__leave_type",
            "request__leave_type__name",
            "request__leave_type__colour",
        )
        .order_by("portion")
    ):
        taken.setdefault((day.employee_id, day.on), []).append(day)
    lines = []
    for employee in employees:
        sees = sees_details(employee, access)
        cells = tuple(
            _cell(
                on,
                rules[employee.pk][on],
                taken.get((employee.pk, on), ()),
                sees,
                words,
            )
            for on in days_of(first_on, last_on)
        )
        lines.append(Line(employee, cells))
    return lines


def sees_details(employee: Employee, access: OrganizationAccess) -> bool:
    """Say whether the access sees what for and what is only asked.

    ``employee.manager`` is read along by whoever asks for many.
    """
    if access.allows("leave:read_all"):
        return True
    if access.user is None:
        return False
    own = employee.user_id == access.user.pk
    manager = employee.manager
    is_manager = manager is not None and manager.user_id == access.user.pk
    return own or (is_manager and access.allows("leave:approve"))


@dataclass(frozen=True, slots=True)
class Words:
    """What the calendar calls things, translated by the page."""

    away: str
    asked: str
    weekend: str


def _cell(
    on: dt.date,
    rule: DayRule,
    days: Iterable[LeaveDay],
    sees: bool,
    words: Words,
) -> Cell:
    for day in days:
        is_granted = day.request.status == LeaveRequest.Status.APPROVED
        if not day.charge or not (is_granted or sees):
            continue
        name = str(day.request.leave_type) if sees else words.away
        return Cell(
            on,
            "away" if is_granted else "asked",
            name if is_granted else f"{name} ({words.asked})",
            _joined(days, is_granted),
            day.request.leave_type.colour if sees else "",
            day.request_id if sees else None,
        )
    if rule.holiday is not None:
        return Cell(on, "holiday", rule.holiday.name, rule.holiday.portion.value)
    return Cell(on, "free" if rule.is_working else "off", "")


def _joined(days: Iterable[LeaveDay], is_granted: bool) -> str:
    """Return the portion that the days of one date cover together."""
    portions = {
        day.portion
        for day in days
        if (day.request.status == LeaveRequest.Status.APPROVED) == is_granted
    }
    return portions.pop() if len(portions) == 1 else Portion.FULL.value
