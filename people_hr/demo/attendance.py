"""The demo's attendance: a schedule, two weeks of punches, a correction that waits."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Q
from django.utils import timezone

from attendance.models import Punch, ScheduleAssignment, WorkSchedule
from attendance.services import (
    Asked,
    AskedPunch,
    NewPunch,
    record_punches,
    request_correction,
    zone_of,
)
from employees.models import Employee
from leave.models import LeaveDay
from organizations.models import Organization

DAYS = 14
#: The team of manager@demo.example, who is one of the clocked people too.
MANAGER_NUMBER = "1020"
OFFICE_DAY = {"starts": "09:00", "ends": "17:30", "break_minutes": 30}
OFFICE_WEEK = dict.fromkeys(
    ("monday", "tuesday", "wednesday", "thursday", "friday"), OFFICE_DAY
)
#: Minutes around the hours of the schedule, so that days differ as they do.
EARLY_OR_LATE = (-8, 3, -2, 11, 0, -14, 6)
FRIDAY = 4


def load_attendance(organization: Organization) -> None:
    """Give the manager's team a schedule and the days since, up to now."""
    now = timezone.now()
    team = list(
        Employee.objects.active()
        .filter(Q(number=MANAGER_NUMBER) | Q(manager__number=MANAGER_NUMBER))
        .order_by("number")
    )
    schedule = WorkSchedule(
        organization=organization, name="Office", pattern=OFFICE_WEEK
    )
    schedule.full_clean()
    schedule.save()
    first_on = timezone.localdate(timezone=organization.zone) - dt.timedelta(days=DAYS)
    ScheduleAssignment.objects.bulk_create(
        ScheduleAssignment(
            organization=organization,
            employee=employee,
            schedule=schedule,
            effective_on=first_on,
        )
        for employee in team
    )
    forgotten = None
    for place, employee in enumerate(team):
        days = list(_working_days(employee, first_on, now))
        # One of them forgot to clock out on their last whole day, and says so.
        forgot_on = days[-2] if place == len(team) - 1 and len(days) > 1 else None
        record_punches(
            [
                punch
                for on in days
                for punch in _punches(employee, on, place, now, forgot=on == forgot_on)
            ]
        )
        if forgot_on:
            forgotten = (employee, forgot_on)
    if forgotten:
        _ask_for_correction(*forgotten)


def _working_days(
    employee: Employee, first_on: dt.date, now: dt.datetime
) -> Iterator[dt.date]:
    today = timezone.localdate(now, zone_of(employee))
    away = set(
        LeaveDay.objects.filter(employee=employee, is_live=True).values_list(
            "on", flat=True
        )
    )
    for number in range((today - first_on).days + 1):
        on = first_on + dt.timedelta(days=number)
        is_employed = employee.hired_on <= on
        if on.weekday() <= FRIDAY and on not in away and is_employed:
            yield on


def _punches(
    employee: Employee, on: dt.date, place: int, now: dt.datetime, *, forgot: bool
) -> list[NewPunch]:
    shift = EARLY_OR_LATE[(on.toordinal() + place) % len(EARLY_OR_LATE)]
    moments = [
        (_at(employee, on, 9, 0, shift), Punch.Direction.IN),
        (_at(employee, on, 12, 30, shift), Punch.Direction.BREAK_START),
        (_at(employee, on, 13, 0, shift), Punch.Direction.BREAK_END),
        (_at(employee, on, 17, 30, -shift), Punch.Direction.OUT),
    ]
    if forgot:
        moments.pop()
    return [NewPunch(employee, at, direction) for at, direction in moments if at <= now]


def _at(
    employee: Employee, on: dt.date, hour: int, minute: int, shift: int
) -> dt.datetime:
    local = dt.datetime.combine(on, dt.time(hour, minute), zone_of(employee))
    return local.astimezone(dt.UTC) + dt.timedelta(minutes=shift)


def _ask_for_correction(employee: Employee, on: dt.date) -> None:
    left = AskedPunch(_at(employee, on, 17, 40, 0), Punch.Direction.OUT)
    request_correction(Asked(employee, on, add=[left]), reason="I forgot to clock out.")
