"""Asking for leave, and what it would cost."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from employees.models import Employee
from leave import overview
from leave.calendar import amount_in_words
from leave.forms import LeaveRequestForm
from leave.models import LeaveRequest
from leave.services import (
    Preview,
    preview_request,
    request_leave,
)
from leave.team import team_away
from leave.views.whose import me_of, me_or_404
from organizations.decorators import scope_required
from organizations.forms import show_broken_rule
from organizations.middleware import OrganizationRequest


@scope_required("leave:request")
def request_page(request: OrganizationRequest) -> HttpResponse:
    """Show the form and what it costs; send it when "Send" was pressed."""
    me = me_of(request)
    if me is None:
        return render(request, "employees/no_profile.html")
    form = _request_form(request, me)
    is_sent = request.method == "POST" and "send" in request.POST
    if is_sent and form.is_valid() and (sent := _send(request, me, form)):
        return redirect("leave:receipt", sent.pk)
    context = {"form": form, "me": me, **_cost(me, form, is_sent=is_sent)}
    return render(request, "leave/request.html", context)


@scope_required("leave:request")
@require_safe
def cost(request: OrganizationRequest) -> HttpResponse:
    """Return what the days in the form would cost, for the live panel."""
    me = me_or_404(request, "manager")
    form = LeaveRequestForm(request.GET, remaining={})
    return render(request, "leave/cost.html", {"me": me, **_cost(me, form)})


def _request_form(request: OrganizationRequest, me: Employee) -> LeaveRequestForm:
    today = timezone.localdate()
    remaining = {
        balance.leave_type.pk: _("%(amount)s available")
        % {
            "amount": amount_in_words(
                balance.figures.available, balance.leave_type.unit
            )
        }
        for balance in overview.balances(me, today.year, today)
        if balance.leave_type.is_limited
    }
    return LeaveRequestForm(
        request.POST or None, initial=request.GET.dict(), remaining=remaining
    )


def _send(
    request: OrganizationRequest, me: Employee, form: LeaveRequestForm
) -> LeaveRequest | None:
    """Ask for the leave; a broken rule lands on the form."""
    try:
        sent = request_leave(me, note=form.cleaned_data["note"], **form.asked)
    except ValidationError as error:
        show_broken_rule(form, error)
        return None
    messages.success(request, _("Sent to %(who)s.") % {"who": me.manager or _("HR")})
    return sent


def _cost(
    me: Employee, form: LeaveRequestForm, *, is_sent: bool = False
) -> dict[str, Any]:
    """Return what the panel shows: the days and figures, or why there are none."""
    if not form.is_bound or (not is_sent and not form.is_valid()):
        return {"preview": None, "wrong": []}
    if not {"leave_type", "first_on", "last_on"} <= form.cleaned_data.keys():
        return {"preview": None, "wrong": []}
    try:
        preview = preview_request(me, **form.asked)
    except ValidationError as error:
        return {"preview": None, "wrong": error.messages}
    away = team_away(me, form.asked["first_on"], form.asked["last_on"])
    return {"preview": preview, "wrong": _words(preview), "away": away}


def _words(preview: Preview) -> list[str]:
    return [message for refusal in preview.refusals for message in refusal.messages]
