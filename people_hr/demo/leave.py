"""The demo's leave: types, holidays, grants, and requests in every state."""

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from employees.models import Employee, Location
from leave.calendar import Portion
from leave.models import HolidayCalendar, LeaveRequest, LeaveType
from leave.services import (
    approve_leave,
    decline_leave,
    grant_year,
    import_holidays,
    request_leave,
    save_holiday,
    withdraw_leave,
)
from organizations.access import OrganizationAccess
from organizations.models import Organization

TYPES = (
    {"name": "Annual leave", "yearly_grant": Decimal(28), "colour": "teal"},
    {"name": "Sickness", "is_limited": False, "colour": "red"},
    {"name": "Parental leave", "is_limited": False, "colour": "violet"},
    {"name": "Time off in lieu", "unit": "hours", "colour": "amber"},
)
#: Of every fifth person: days from today on, how long, and what became of it.
STORIES = (
    (-75, 4, "approved"),
    (-20, 2, "approved"),
    (-1, 3, "approved"),
    (2, 1, "approved"),
    (9, 4, "pending"),
    (30, 7, "pending"),
    (16, 2, "declined"),
    (50, 4, "withdrawn"),
)


def load_leave(organization: Organization) -> None:
    """Give the company a year of leave, seen from today."""
    today = timezone.localdate(timezone=organization.zone)
    types = [LeaveType(organization=organization, **fields) for fields in TYPES]
    LeaveType.objects.bulk_create(types)
    _add_calendars(organization, today.year)
    for year in (today.year - 1, today.year, today.year + 1):
        grant_year(organization, year)
    hr = OrganizationAccess(
        organization, scopes=frozenset({"leave:approve", "leave:approve_all"})
    )
    people = Employee.objects.active().filter(manager__isnull=False).order_by("number")
    for number, employee in enumerate(people):
        begins, length, state = STORIES[number % len(STORIES)]
        first_on = today + dt.timedelta(days=begins)
        _ask(employee, types[number % 13 == 4], first_on, length, state, hr)


def _add_calendars(organization: Organization, year: int) -> None:
    """Add a calendar for each location; Christmas Eve is half a day off in Berlin."""
    for location in Location.objects.for_organization(organization):
        calendar = HolidayCalendar.objects.create(
            organization=organization,
            name=f"Holidays in {location.name}",
            location=location,
            country=location.country,
            subdivision=location.subdivision,
        )
        for each in (year, year + 1):
            import_holidays(calendar, each)
            if location.country == "DE":
                eve = dt.date(each, 12, 24)
                save_holiday(
                    calendar, eve, name="Christmas Eve", portion=Portion.AFTERNOON
                )


def _ask(
    employee: Employee,
    leave_type: LeaveType,
    first_on: dt.date,
    length: int,
    state: str,
    hr: OrganizationAccess,
) -> LeaveRequest | None:
    """Ask for leave as a person would, and decide; what cannot be, is not."""
    try:
        with transaction.atomic():
            asked = request_leave(
                employee,
                leave_type,
                first_on=first_on,
                last_on=first_on + dt.timedelta(days=length),
            )
    except ValidationError:  # joined later, or all of it a weekend
        return None
    match state:
        case "approved":
            approve_leave(asked, access=hr)
        case "declined":
            decline_leave(asked, reason="The audit is that week.", access=hr)
        case "withdrawn":
            withdraw_leave(asked, access=hr)
    return asked
