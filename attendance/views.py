"""The pages of attendance: the clock, a month, a day, corrections, the team today."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from attendance import overview
from attendance.forms import (
    CorrectionForm,
    DeclineForm,
    MonthForm,
    TeamForm,
)
from attendance.models import AttendanceDay, Correction, Punch
from attendance.services import (
    approve_correction,
    clock_in,
    clock_out,
    decline_correction,
    end_break,
    may_decide,
    preview_correction,
    request_correction,
    start_break,
    withdraw_correction,
)
from employees.models import Department, Employee
from organizations.access import OrganizationAccess
from organizations.decorators import scope_required
from organizations.forms import show_broken_rule
from organizations.middleware import OrganizationRequest

MOST_PEOPLE = 200
ACTIVE = Employee.Status.ACTIVE
PRESSES: dict[str, Callable[[Employee], Punch]] = {
    "in": clock_in,
    "out": clock_out,
    "break_start": start_break,
    "break_end": end_break,
}


# --- The clock ------------------------------------------------------------------------


@scope_required("attendance:punch")
def clock(request: OrganizationRequest) -> HttpResponse:
    """Show one's clock, or press it: clock in or out, begin or end a break."""
    me = _me_or_404(request)
    refusal = _press(request, me) if request.method == "POST" else ""
    if request.method == "POST" and not _is_live(request):
        if refusal:
            messages.error(request, refusal)
        return redirect(_next(request) or "attendance:month")
    context = {"clock": overview.clock_of(me, timezone.now()), "refusal": refusal}
    return render(request, "attendance/clock.html", context)


def _press(request: OrganizationRequest, me: Employee) -> str:
    """Press the clock; return why it is refused, or nothing."""
    press = PRESSES.get(request.POST.get("press", ""))
    if press is None:
        raise Http404
    try:
        press(me)
    except ValidationError as error:
        return error.messages[0]
    return ""


# --- Months and days ------------------------------------------------------------------


@scope_required("attendance:read")
@require_safe
def month(request: OrganizationRequest) -> HttpResponse:
    """Show every day of one's month."""
    me = _me(request)
    if me is None:
        return render(request, "employees/no_profile.html")
    pressed = request.access.allows("attendance:punch") and me.status == ACTIVE
    clock_now = overview.clock_of(me, timezone.now()) if pressed else None
    return _month(request, me, clock=clock_now)


@scope_required("attendance:read")
@require_safe
def month_of_person(request: OrganizationRequest, employee_id: UUID) -> HttpResponse:
    """Show every day of somebody's month, to who may see it."""
    return _month(request, _person(request, employee_id))


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
    return _day(request, _me_or_404(request), on)


@scope_required("attendance:read")
@require_safe
def day_of_person(
    request: OrganizationRequest, employee_id: UUID, on: dt.date
) -> HttpResponse:
    """Show somebody's day, to who may see it."""
    return _day(request, _person(request, employee_id), on)


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
        "may_ask": _may_ask(request, employee, shown),
        "deciding": {
            each.pk for each in shown.corrections if may_decide(each, request.access)
        },
    }
    return render(request, "attendance/day.html", context)


def _may_ask(
    request: OrganizationRequest, employee: Employee, shown: overview.Day
) -> bool:
    """Say whether a correction may be asked for: of one's own days up to today."""
    return (
        employee.user_id == request.user.pk
        and request.access.allows("attendance:punch")
        and shown.result.on <= overview.today_of(employee)
        and not any(each.is_pending for each in shown.corrections)
    )


# --- Corrections ----------------------------------------------------------------------


@scope_required("attendance:punch")
def correct(request: OrganizationRequest, on: dt.date) -> HttpResponse:
    """Show what a correction of one's day would change; ask for it when it is sent."""
    me = _me_or_404(request)
    shown = overview.day_of(me, on, timezone.now())
    if not _may_ask(request, me, shown):
        raise Http404
    form = CorrectionForm(request.POST or None, employee=me, day=shown)
    if request.method == "POST" and "send" in request.POST and _ask(request, form):
        return redirect("attendance:day", on)
    context = {"form": form, "employee": me, "day": shown, "on": on, **_effect(form)}
    return render(request, "attendance/correct.html", context)


@scope_required("attendance:punch")
@require_safe
def effect(request: OrganizationRequest, on: dt.date) -> HttpResponse:
    """Return what the punches in the form would change, for the live panel."""
    me = _me_or_404(request)
    shown = overview.day_of(me, on, timezone.now())
    form = CorrectionForm(request.GET, employee=me, day=shown)
    context = {"employee": me, "day": shown, **_effect(form)}
    return render(request, "attendance/effect.html", context)


def _ask(request: OrganizationRequest, form: CorrectionForm) -> bool:
    """Ask for the correction; a broken rule lands on the form."""
    if not form.is_valid():
        return False
    try:
        request_correction(form.asked(), reason=form.cleaned_data["reason"])
    except ValidationError as error:
        show_broken_rule(form, error)
        return False
    messages.success(request, _("Your correction is sent."))
    return True


def _effect(form: CorrectionForm) -> dict[str, Any]:
    """Return the day before and after, or why it cannot be asked for."""
    if not form.is_bound or form.is_empty or not form.is_valid():
        return {}
    try:
        before, after = preview_correction(form.asked())
    except ValidationError as error:
        return {"refusal": error.messages[0]}
    return {"effect_before": before, "effect_after": after}


@scope_required("attendance:approve")
@require_POST
def approve(request: OrganizationRequest, correction_id: UUID) -> HttpResponse:
    """Approve a correction: its punches are applied."""
    correction = _correction(request, correction_id)

    def decide() -> None:
        approve_correction(correction, access=request.access)

    return _decide(request, correction, decide, _("Approved and applied."))


@scope_required("attendance:approve")
@require_POST
def decline(request: OrganizationRequest, correction_id: UUID) -> HttpResponse:
    """Decline a correction, with a reason."""
    correction = _correction(request, correction_id)
    form = DeclineForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""

    def decide() -> None:
        decline_correction(correction, access=request.access, reason=reason)

    return _decide(request, correction, decide, _("Declined."))


@scope_required("attendance:punch")
@require_POST
def withdraw(request: OrganizationRequest, correction_id: UUID) -> HttpResponse:
    """Take one's own correction back before it is decided."""
    correction = _correction(request, correction_id)
    if correction.employee.user_id != request.user.pk:
        raise Http404

    def decide() -> None:
        withdraw_correction(correction, access=request.access)

    return _decide(request, correction, decide, _("Taken back."))


def _decide(
    request: OrganizationRequest,
    correction: Correction,
    decide: Callable[[], None],
    done: str,
) -> HttpResponse:
    """Decide and go back; a refusal is told where one came from."""
    try:
        decide()
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, done)
    back = _next(request)
    if back:
        return redirect(back)
    if correction.employee.user_id == request.user.pk:
        return redirect("attendance:day", correction.on)
    return redirect("attendance:person_day", correction.employee_id, correction.on)


def _correction(request: OrganizationRequest, correction_id: UUID) -> Correction:
    visible = Correction.objects.visible_to(request.access)
    return get_object_or_404(visible.select_related("employee"), pk=correction_id)


# --- The team -------------------------------------------------------------------------


@scope_required("attendance:approve")
@require_safe
def team(request: OrganizationRequest) -> HttpResponse:
    """Show where one's people are now; HR chooses a department."""
    people, department_id = _people(request)
    members = overview.team_today(people[:MOST_PEOPLE], timezone.now())
    sees_all = request.access.allows("attendance:read_all")
    context = {
        "members": members,
        "counts": overview.counts_of(members),
        "department": department_id,
        "departments": Department.objects.all() if sees_all else [],
        "is_cut": len(people) > MOST_PEOPLE,
        "most_people": MOST_PEOPLE,
        "today": timezone.localdate(),
    }
    template = "team_rows" if _is_live(request) else "team"
    return render(request, f"attendance/{template}.html", context)


def _people(request: OrganizationRequest) -> tuple[list[Employee], UUID | None]:
    """Return one's reports, or the people of the department that HR asks for."""
    department_id = TeamForm(request.GET).department_id()
    me = _me(request)
    # Two hundred people share a few locations and one organization.
    active = Employee.objects.active().prefetch_related("location", "organization")
    if department_id and request.access.allows("attendance:read_all"):
        chosen = active.filter(department=department_id)
    elif me:
        chosen, department_id = active.filter(manager=me), None
    else:
        return [], None
    return list(chosen[: MOST_PEOPLE + 1]), department_id


# --- Who ------------------------------------------------------------------------------


def _me(request: OrganizationRequest) -> Employee | None:
    """Return the employee that the member is, if they are one here."""
    return _employees().filter(user=request.user).first()


def _me_or_404(request: OrganizationRequest) -> Employee:
    return get_object_or_404(_employees(), user=request.user)


def _person(request: OrganizationRequest, employee_id: UUID) -> Employee:
    """Return somebody whose time the member may see.

    Raises:
        Http404: when there is none; who may not see it learns no more.
    """
    employee = get_object_or_404(_employees(), pk=employee_id)
    if not _sees(request.access, employee):
        raise Http404
    return employee


def _sees(access: OrganizationAccess, employee: Employee) -> bool:
    if access.allows("attendance:read_all"):
        return True
    assert access.user is not None
    if employee.user_id == access.user.pk:
        return True
    manager = employee.manager
    is_manager = manager is not None and manager.user_id == access.user.pk
    return is_manager and access.allows("attendance:approve")


def _employees() -> QuerySet[Employee]:
    return Employee.objects.select_related("location", "organization", "manager")


def _is_live(request: Any) -> bool:
    """Say whether a fragment is asked for."""
    return bool(request.htmx and not request.htmx.boosted)


def _next(request: OrganizationRequest) -> str | None:
    """Return where to go back to, if the form says an address of ours."""
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()})
    return address if is_ours else None
