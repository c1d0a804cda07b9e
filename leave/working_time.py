"""Which days people work: the rows of calendars and weeks as values of rules."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import FilteredRelation, Q

from employees.models import Employee
from leave.calendar import DayRule, Holiday, Portion, Week, day_rules
from leave.models import HolidayCalendar, WorkWeek
from leave.models.calendars import WEEKDAYS
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
    """Return the rules of many people of one organization, in two queries."""
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
    within = FilteredRelation(
        "holidays", condition=Q(holidays__on__range=(first_on, last_on))
    )
    rows = (
        HolidayCalendar.objects.for_organization(organization)
        .annotate(day=within)
        .order_by()
        .values_list("location", "day__on", "day__name", "day__portion")
    )
    found: dict[UUID | None, dict[dt.date, Holiday]] = {None: {}}
    for location, on, name, portion in rows:
        days = found.setdefault(location, {})
        if on is not None:  # a calendar without a holiday within the span
            days[on] = Holiday(name, Portion(portion))
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
        for employee_id, location_id, effective_on, *hours in rows.order_by(
            "effective_on"
        ).values_list("employee", "location", "effective_on", *WEEKDAYS):
            if employee_id is None or employee_id in wanted:
                week = Week(tuple(hours), effective_on)
                self._by_owner.setdefault(employee_id or location_id, []).append(week)

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
