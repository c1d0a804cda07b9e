"""Reads of many employees, each one query whatever the number of rows."""

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db.models import Count, Q

from organizations.models import RecordQuerySet

if TYPE_CHECKING:
    from employees.models.employees import Employee

ACTIVE = "active"
SEARCHED = (
    "first_name",
    "last_name",
    "preferred_name",
    "work_email",
    "number",
    "position__title",
    "department__name",
    "location__name",
)


class EmployeeQuerySet(RecordQuerySet["Employee"]):
    """Employees, as lists ask for them."""

    def active(self) -> Self:
        """Return those who are employed."""
        return self.filter(status=ACTIVE)

    def with_work(self) -> Self:
        """Read manager, department, position and location along."""
        return self.select_related("manager", "department", "position", "location")

    def with_team_size(self) -> Self:
        """Count along, as ``team_size``, the active people who report to each."""
        reporting = Count("reports", filter=Q(reports__status=ACTIVE))
        return self.annotate(team_size=reporting)

    def search(self, text: str) -> Self:
        """Return those in whose name, e-mail, number or work every word occurs."""
        conditions = (
            reduce(
                lambda either, name: either | Q(**{f"{name}__icontains": word}),
                SEARCHED,
                Q(),
            )
            for word in text.split()
        )
        return self.filter(reduce(and_, conditions, Q()))

    def after(self, last: "Employee") -> Self:
        """Return those who follow an employee in the order of names (keyset)."""
        name, first_name = last.last_name, last.first_name
        return self.filter(
            Q(last_name__gt=name)
            | Q(last_name=name, first_name__gt=first_name)
            | Q(last_name=name, first_name=first_name, id__gt=last.pk),
            last_name__gte=name,  # lets the index on names begin here
        )

    def at_the_top(self) -> Self:
        """Return those who report to nobody that is still employed."""
        return self.filter(Q(manager__isnull=True) | ~Q(manager__status=ACTIVE))

    def joined_since(self, day: dt.date) -> Self:
        """Return those whose employment began on the day or later, or will."""
        return self.filter(hired_on__gte=day)

    def with_anniversary(self, first: dt.date, last: dt.date) -> Self:
        """Return those whose years of employment become whole between two days."""
        days = (
            Q(hired_on__month=month, hired_on__day__range=(start, end))
            for month, start, end in _days_of_months(first, last)
        )
        return self.filter(
            reduce(or_, days), hired_on__lte=last - dt.timedelta(days=365)
        )

    def headcounts(self, days: Sequence[dt.date]) -> list[int]:
        """Return how many were, or will be, employed on each day."""
        counted = {
            f"day_{index}": Count(
                "pk",
                filter=Q(hired_on__lte=day)
                & (Q(terminated_on__isnull=True) | Q(terminated_on__gte=day)),
            )
            for index, day in enumerate(days)
        }
        found = self.aggregate(**counted)
        return [found[name] for name in counted]

    def managers_above(self, employee: "Employee") -> list["Employee"]:
        """Return the manager, the manager's manager and so on, the nearest first."""
        if employee.manager_id is None:
            return []
        table = self.model._meta.db_table
        above = self.raw(
            f"""
            WITH RECURSIVE above (id, manager_id, distance) AS (
                SELECT id, manager_id, 1 FROM {table}
                WHERE id = %(manager)s AND organization_id = %(organization)s
                UNION ALL
                SELECT up.id, up.manager_id, above.distance + 1
                FROM {table} AS up JOIN above ON up.id = above.manager_id
            )
            SELECT {table}.* FROM {table} JOIN above USING (id) ORDER BY distance
            """,  # noqa: S608 (the table's own name)
            {
                "manager": employee.manager_id,
                "organization": employee.organization_id,
            },
        )
        return list(above)

    def ids_below(self, manager_id: UUID) -> frozenset[UUID]:
        """Return the ids of all who report to a manager, directly or through others."""
        table = self.model._meta.db_table
        below = self.raw(
            f"""
            WITH RECURSIVE below (id) AS (
                SELECT id FROM {table} WHERE manager_id = %(manager)s
                UNION ALL
                SELECT report.id FROM {table} AS report
                JOIN below ON report.manager_id = below.id
            )
            SELECT id FROM below
            """,  # noqa: S608 (the table's own name)
            {"manager": manager_id},
        )
        return frozenset(employee.pk for employee in below)


def _days_of_months(first: dt.date, last: dt.date) -> Iterator[tuple[int, int, int]]:
    """Yield (month, first day, last day) of each month between two days.

    The 28th of February stands for the 29th as well, whichever the year.
    """
    start = first
    while start <= last:
        next_month = (start.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        end = min(last, next_month - dt.timedelta(days=1))
        is_late_february = (end.month, end.day) == (2, 28)
        yield start.month, start.day, 29 if is_late_february else end.day
        start = next_month
