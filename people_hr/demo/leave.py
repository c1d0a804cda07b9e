"""The demo's leave: types, holidays, grants, and requests in every state."""

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from employees.models import Employee, Location
from leave.calendar import Portion
from leave.models import HolidayCalendar, LeaveRequest, LeaveType
from leave.services import (
    adjust_balance,
    approve_leave,
    cancel_leave,
    decline_leave,
    grant_year,
    import_holidays,
    request_leave,
    save_holiday,
    withdraw_leave,
)
from organizations.access import OrganizationAccess
from organizations.models import Membership, Organization
from organizations.roles import Role
from people_hr.demo.past_leave import load_past_leave

TYPES = (
    {"name": "Annual leave", "yearly_grant": Decimal(28), "colour": "teal"},
    {
        "name": "Sickness",
        "is_limited": False,
        "colour": "red",
        "certificate_after_days": 3,
    },
    {
        "name": "Parental leave",
        "is_limited": False,
        "counts_calendar_days": True,
        "colour": "violet",
    },
    {
        "name": "Time off in lieu",
        "unit": "hours",
        "is_limited": False,
        "colour": "amber",
    },
)
FRIDAY = 4
FULL, AFTERNOON = Portion.FULL, Portion.AFTERNOON
#: One for each person in turn: days from today on, how long, its first day, and what
#: became of it.
STORIES = (
    (-4, 3, FULL, "approved"),
    (-1, 3, FULL, "approved"),
    (9, 4, FULL, "pending"),
    (2, 1, FULL, "approved"),
    (5, 0, AFTERNOON, "pending"),
    (16, 2, FULL, "declined"),
    (30, 7, FULL, "pending"),
    (50, 4, FULL, "withdrawn"),
    (23, 4, FULL, "approved"),
    (12, 1, FULL, "cancelled"),
    (20, 2, AFTERNOON, "pending"),
)
#: The story of employee@demo.example, whom the tour follows.
TOLD = {"1021": STORIES[2]}
REASONS = (
    "The audit is that week.",
    "Two of the team are away already; could it be a week later?",
    "We launch on that Monday.",
)


def load_leave(organization: Organization) -> None:
    """Give the company a year of leave, seen from today."""
    today = timezone.localdate(timezone=organization.zone)
    types = [LeaveType(organization=organization, **fields) for fields in TYPES]
    LeaveType.objects.bulk_create(types)
    _add_calendars(organization, today.year)
    for year in (today.year - 1, today.year, today.year + 1):
        grant_year(organization, year)
    everybody = list(
        Employee.objects.active()
        .select_related("organization", "manager__user")
        .order_by("number")
    )
    _carry_over(everybody, types[0], today.year)
    _tell_stories(organization, everybody, types, today)
    load_past_leave(everybody, types, today)


def _carry_over(everybody: list[Employee], annual: LeaveType, year: int) -> None:
    """Let every fourth person bring days along, and put one balance right."""
    for place, employee in enumerate(everybody[::4]):
        if employee.hired_on.year < year:
            adjust_balance(
                employee,
                annual,
                year=year,
                amount=Decimal(place % 4 + 1) / 2 + 1,
                reason=f"Carried over from {year - 1}",
            )
    adjust_balance(
        everybody[5],
        annual,
        year=year,
        amount=Decimal(-1),
        reason="A day off in lieu was noted as leave not taken",
    )


def _tell_stories(
    organization: Organization,
    everybody: list[Employee],
    types: list[LeaveType],
    today: dt.date,
) -> None:
    owner, hr = (
        OrganizationAccess.of(
            Membership.objects.for_organization(organization)
            .select_related("user", "organization")
            .get(role=role)
        )
        for role in (Role.OWNER, Role.HR_ADMIN)
    )
    assert hr.user is not None
    led = [employee for employee in everybody if employee.manager_id]
    for place, employee in enumerate(led):
        begins, length, portion, state = TOLD.get(
            employee.number, STORIES[place % len(STORIES)]
        )
        first_on = today + dt.timedelta(days=begins)
        leave_type = types[place % 13 == 0]
        reason = REASONS[place % len(REASONS)]
        decides = owner if employee.user_id == hr.user.pk else hr
        _ask(employee, leave_type, first_on, length, portion, state, decides, reason)
    _spread()


def _spread() -> None:
    """Let those who wait have asked over the last week, not all of them just now."""
    now = timezone.now()
    # Django's own query set: when it was asked is no change that is told.
    rows: models.QuerySet[LeaveRequest] = models.QuerySet(LeaveRequest)
    waiting = rows.filter(status=LeaveRequest.Status.PENDING).order_by("-first_on")
    for place, asked in enumerate(waiting):
        asked_at = now - dt.timedelta(hours=2 + 7 * place, minutes=13 * place % 60)
        rows.filter(pk=asked.pk).update(created_at=asked_at)


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
        for each in (year - 1, year, year + 1):
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
    portion: Portion,
    state: str,
    decides: OrganizationAccess,
    reason: str,
) -> LeaveRequest | None:
    """Ask for leave as a person would, and decide; what cannot be, is not."""
    while first_on.weekday() > FRIDAY:
        first_on += dt.timedelta(days=1)
    last_on = first_on + dt.timedelta(days=length)
    while last_on.weekday() > FRIDAY:
        last_on -= dt.timedelta(days=1)
    try:
        with transaction.atomic():
            asked = request_leave(
                employee,
                leave_type,
                first_on=first_on,
                last_on=last_on,
                first_portion=portion,
            )
    except ValidationError:  # joined later, or that day is a holiday there
        return None
    match state:
        case "approved":
            approve_leave(asked, access=decides)
        case "cancelled":
            cancel_leave(approve_leave(asked, access=decides), access=decides)
        case "declined":
            decline_leave(asked, reason=reason, access=decides)
        case "withdrawn":
            withdraw_leave(asked, access=decides)
    return asked
