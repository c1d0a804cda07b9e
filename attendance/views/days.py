"""A month and a day."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attendance import overview
from attendance.forms import MonthForm
from attendance.models import AttendanceDay, Correction
from attendance.services import may_decide
from attendance.views.who import me_of, me_or_404, person_or_404
from employees.models import Employee
from organizations.decorators import scope_required
from organizations.middleware import OrganizationRequest

ACTIVE = Employee.Status.ACTIVE


@scope_required("attendance:read")
@require_safe
def month(request: OrganizationRequest) -> HttpResponse:
    """Show every day of one's month."""
    me = me_of(request)
    if me is None:
        return render(request, "employees/no_profile.html")
    pressed = request.access.allows("attendance:punch") and me.status == ACTIVE
    clock_now = overview.clock_of(me, timezone.now()) if pressed else None
    return _month(request, me, clock=clock_now)


@scope_required("attendance:read")
@require_safe
def month_of_person(request: OrganizationRequest, employee_id: UUID) -> HttpResponse:
    """Show every day of somebody's month, to who may see it."""
    return _month(request, person_or_404(request, employee_id))


def _month(
    request: OrganizationRequest, employee: Employee, **more: Any
) -> HttpResponse:
    first_on = MonthForm(request.GET).first_on(overview.today_of(employee))
    context = {
        "employee": employee,
        "is_me": employee.user_id == request.user.pk,
        "month": overview.month_of(employee, first_on, timezone.now()),
        "pending_days": set(
            Correction.objects.filter(
                employee=employee, status=Correction.Status.PENDING
            ).values_list("on", flat=True)
        ),
        **more,
    }
    return render(request, "attendance/month.html", context)


@scope_required("attendance:read")
@require_safe
def day(request: OrganizationRequest, on: dt.date) -> HttpResponse:
    """Show one's day: figures, every punch with its zone, every version."""
    return _day(request, me_or_404(request), on)


@scope_required("attendance:read")
@require_safe
def day_of_person(
    request: OrganizationRequest, employee_id: UUID, on: dt.date
) -> HttpResponse:
    """Show somebody's day, to who may see it."""
    return _day(request, person_or_404(request, employee_id), on)


def _day(request: OrganizationRequest, employee: Employee, on: dt.date) -> HttpResponse:
    shown = overview.day_of(employee, on, timezone.now())
    context = {
        "employee": employee,
        "is_me": employee.user_id == request.user.pk,
        "day": shown,
        "on": on,
        "before": on - dt.timedelta(days=1),
        "after": on + dt.timedelta(days=1),
        "kept": AttendanceDay.objects.filter(employee=employee, on=on).first(),
        "warnings": [overview.WARNINGS[each] for each in shown.result.warnings],
        "may_ask": may_ask(request, employee, shown),
        "deciding": {
            each.pk for each in shown.corrections if may_decide(each, request.access)
        },
    }
    return render(request, "attendance/day.html", context)


def may_ask(
    request: OrganizationRequest, employee: Employee, shown: overview.Day
) -> bool:
    """Say whether a correction may be asked for: of one's own days up to today."""
    return (
        employee.user_id == request.user.pk
        and request.access.allows("attendance:punch")
        and shown.result.on <= overview.today_of(employee)
        and not any(each.is_pending for each in shown.corrections)
    )
