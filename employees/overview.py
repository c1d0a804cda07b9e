"""The figures of the home page, each with the first few of what it counts."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from employees.forms import AHEAD_DAYS, RECENT_DAYS
from employees.models import (
    Department,
    Employee,
    EmployeeImport,
    EmployeeQuerySet,
)
from organizations.access import OrganizationAccess

SHOWN = 4
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Group:
    """A number, and the first few of those it counts."""

    count: int
    first: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many are employed today, were in the months before, and will join."""

    days: Sequence[dt.date]
    counts: Sequence[int]
    joining: int

    @property
    def now(self) -> int:
        return self.counts[-1]

    @property
    def change(self) -> int:
        """How many more there are than a year ago."""
        return self.now - self.counts[0]

    @property
    def points(self) -> str:
        """The line's points in a box of 120 by 40, as SVG writes them."""
        top = max(*self.counts, 1)
        step = 120 / (len(self.counts) - 1)
        return " ".join(
            f"{index * step:.1f},{38 - 34 * count / top:.1f}"
            for index, count in enumerate(self.counts)
        )


@dataclass(frozen=True, slots=True)
class Anniversary:
    """Whole years of employment, on a day that comes."""

    employee: Employee
    on: dt.date
    years: int


def part_of_day(hour: int) -> str:
    """Return the greeting for an hour of the day."""
    if hour < 12:
        return _("Good morning")
    return _("Good afternoon") if hour < 18 else _("Good evening")


def team(me: Employee | None) -> Group:
    """Return who reports to this person."""
    if me is None:
        return Group(0, [])
    return _group(me.reports.active().select_related("position"))


def joiners(today: dt.date) -> Group:
    """Return who joined lately or joins soon, the latest first."""
    since = today - dt.timedelta(days=RECENT_DAYS)
    joined = Employee.objects.active().joined_since(since)
    return _group(joined.select_related("position").order_by("-hired_on", "id"))


def anniversaries(today: dt.date) -> Group:
    """Return whose years of employment will be whole soon, the next first."""
    last = today + dt.timedelta(days=AHEAD_DAYS)
    found = Employee.objects.active().with_anniversary(today, last)
    coming = sorted(
        (next_anniversary(employee, today) for employee in found),
        key=lambda anniversary: (anniversary.on, anniversary.employee.name),
    )
    return Group(len(coming), coming[:SHOWN])


def next_anniversary(employee: Employee, today: dt.date) -> Anniversary:
    """Return the next day on which somebody's years are whole.

    Who was hired on 29 February has it on 28 February in common years.
    """
    on = _same_day(employee.hired_on, today.year)
    if on < today:
        on = _same_day(employee.hired_on, today.year + 1)
    return Anniversary(employee, on, on.year - employee.hired_on.year)


def _same_day(day: dt.date, year: int) -> dt.date:
    if (day.month, day.day) == (2, 29):
        return dt.date(year, 3, 1) - dt.timedelta(days=1)
    return day.replace(year=year)


def headcount(today: dt.date) -> Headcount:
    """Return the figures of today and of the same day of the months before."""
    days = [*(_months_before(today, months) for months in range(MONTHS, 0, -1)), today]
    joining = Employee.objects.active().filter(hired_on__gt=today).count()
    return Headcount(days, Employee.objects.headcounts(days), joining)


def _months_before(day: dt.date, months: int) -> dt.date:
    """Return the same day of an earlier month; days after the 28th count as it."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month + 1, min(day.day, 28))


def largest_departments() -> Sequence[Department]:
    """Return the departments with most people, each with its ``headcount``."""
    active = Q(employees__status=Employee.Status.ACTIVE)
    return list(
        Department.objects.annotate(headcount=Count("employees", filter=active))
        .filter(headcount__gt=0)
        .order_by("-headcount", "name")[:SHOWN]
    )


def last_import(access: OrganizationAccess) -> EmployeeImport | None:
    """Return the latest import, without its file, for who may import."""
    if not access.allows("employees:import"):
        return None
    return EmployeeImport.objects.defer("content", "report").order_by("-id").first()


def _group(employees: EmployeeQuerySet) -> Group:
    return Group(employees.count(), list(employees[:SHOWN]))
