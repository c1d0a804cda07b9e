"""Which days people work: the rows of calendars and weeks as values of rules."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from employees.models import Employee
from leave.calendar import DayRule, Holiday, Week, day_rules
from leave.models import Holiday as HolidayRow
from leave.models import HolidayCalendar, WorkWeek
from organizations.models import Organization

HOURS_A_DAY = Decimal(8)

Holidays = Mapping[dt.date, Holiday]
Rules = dict[dt.date, DayRule]


def rules_for(employee: Employee, first_on: dt.date, last_on: dt.date) -> Rules:
    """Return what each date of a span is to one person."""
    return rules_of_many([employee], first_on, last_on)[employee.pk]


def rules_of_many(
    employees: Sequence[Employee], first_on: dt.date, last_on: dt.date
) -> dict[UUID, Rules]:
    """Return the rules of many people of one organization, in three queries."""
    if not employees:
        return {}
    organization = employees[0].organization
    holidays = holidays_by_location(organization, first_on, last_on)
    weeks = _Weeks(organization, employees, last_on)
    return {
        employee.pk: day_rules(
            first_on,
            last_on,
            weeks.of(employee),
            holidays.get(employee.location_id, holidays[None]),
        )
        for employee in employees
    }


def holidays_for(employee: Employee, first_on: dt.date, last_on: dt.date) -> Holidays:
    """Return the holidays where somebody works."""
    found = holidays_by_location(employee.organization, first_on, last_on)
    return found.get(employee.location_id, found[None])


def holidays_by_location(
    organization: Organization, first_on: dt.date, last_on: dt.date
) -> dict[UUID | None, dict[dt.date, Holiday]]:
    """Return the holidays of every location that has a calendar; None is the rest."""
    calendars = dict(
        HolidayCalendar.objects.for_organization(organization).values_list(
            "pk", "location"
        )
    )
    found: dict[UUID | None, dict[dt.date, Holiday]] = {None: {}}
    found |= {location: {} for location in calendars.values()}
    rows = HolidayRow.objects.for_organization(organization).filter(
        on__range=(first_on, last_on)
    )
    for row in rows:
        found[calendars[row.calendar_id]][row.on] = row.rule
    return found


class _Weeks:
    """The work weeks of an organization, and which of them counts for whom."""

    def __init__(
        self,
        organization: Organization,
        employees: Iterable[Employee],
        last_on: dt.date,
    ) -> None:
        self._usual = Week(
            tuple(
                HOURS_A_DAY if organization.work_week >> day & 1 else Decimal(0)
                for day in range(7)
            )
        )
        wanted = {employee.pk for employee in employees}
        self._by_owner: dict[UUID | None, list[Week]] = {}
        rows = WorkWeek.objects.for_organization(organization).filter(
            effective_on__lte=last_on
        )
        for row in rows.order_by("effective_on"):
            if row.employee_id is None or row.employee_id in wanted:
                owner = row.employee_id or row.location_id
                self._by_owner.setdefault(owner, []).append(row.rule)

    def of(self, employee: Employee) -> list[Week]:
        """Return the weeks that count for a person, each from the day it begins.

        On every day the person's own comes first, then their location's, then the
        organization's, then its working days of eight hours.
        """
        layers = [self._by_owner.get(employee.pk, [])]
        if employee.location_id:
            layers.append(self._by_owner.get(employee.location_id, []))
        layers.append(self._by_owner.get(None, []))
        begins = {week.effective_on for layer in layers for week in layer}
        return [self._usual] + [
            Week(self._on(begin, layers).hours, begin) for begin in sorted(begins)
        ]

    def _on(self, day: dt.date, layers: Sequence[Sequence[Week]]) -> Week:
        for layer in layers:
            held = [week for week in layer if week.effective_on <= day]
            if held:
                return held[-1]
        return self._usual
