"""Corrections: asked for, previewed, decided, taken back."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from attendance import overview
from attendance.forms import (
    CorrectionForm,
    DeclineForm,
)
from attendance.models import Correction
from attendance.services import (
    approve_correction,
    decline_correction,
    preview_correction,
    request_correction,
    withdraw_correction,
)
from attendance.views.days import may_ask
from attendance.views.who import me_or_404, next_of
from organizations.decorators import scope_required
from organizations.forms import show_broken_rule
from organizations.middleware import OrganizationRequest


@scope_required("attendance:punch")
def correct(request: OrganizationRequest, on: dt.date) -> HttpResponse:
    """Show what a correction of one's day would change; ask for it when it is sent."""
    me = me_or_404(request)
    shown = overview.day_of(me, on, timezone.now())
    if not may_ask(request, me, shown):
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
    me = me_or_404(request)
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
    back = next_of(request)
    if back:
        return redirect(back)
    if correction.employee.user_id == request.user.pk:
        return redirect("attendance:day", correction.on)
    return redirect("attendance:person_day", correction.employee_id, correction.on)


def _correction(request: OrganizationRequest, correction_id: UUID) -> Correction:
    visible = Correction.objects.visible_to(request.access)
    return get_object_or_404(visible.select_related("employee"), pk=correction_id)
