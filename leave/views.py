"""The pages of leave: what one has, asking for it, deciding, who is away."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from employees.models import Department, Employee
from leave import inbox, overview
from leave.forms import CancelForm, DeclineForm, LeaveRequestForm, MonthForm
from leave.models import LeaveAccount, LeaveLedgerEntry, LeaveRequest, LeaveType
from leave.services import (
    Preview,
    approve_leave,
    cancel_leave,
    decline_leave,
    may_decide,
    preview_request,
    request_leave,
    withdraw_leave,
)
from leave.services.requests import amount_in_words
from leave.team import Words, month_of, team_away
from organizations.decorators import scope_required
from organizations.forms import show_broken_rule
from organizations.middleware import OrganizationRequest

PAGE_SIZE = 25
MOST_PEOPLE = 100


@scope_required("leave:read")
@require_safe
def overview_page(request: OrganizationRequest) -> HttpResponse:
    """Show what somebody has of each type, and what they asked for."""
    me = _me(request)
    if me is None:
        return render(request, "employees/no_profile.html")
    today = timezone.localdate()
    year = _year(request, today)
    requests = list(overview.own_requests(me)[: PAGE_SIZE * 4 + 1])
    return render(
        request,
        "leave/overview.html",
        {
            "me": me,
            "year": year,
            "years": [today.year - 1, today.year, today.year + 1],
            "today": today,
            "balances": overview.balances(me, year, today),
            "requests": requests[: PAGE_SIZE * 4],
            "has_more": len(requests) > PAGE_SIZE * 4,
        },
    )


@scope_required("leave:read")
@require_safe
def statement(request: OrganizationRequest, leave_type_id: UUID) -> HttpResponse:
    """Show every line of one's account for a year, with the balance after each."""
    leave_type = get_object_or_404(LeaveType, pk=leave_type_id)
    me = _me(request)
    if me is None:
        return render(request, "employees/no_profile.html")
    today = timezone.localdate()
    year = _year(request, today)
    account = LeaveAccount.objects.filter(employee=me, leave_type=leave_type).first()
    return render(
        request,
        "leave/statement.html",
        {
            "leave_type": leave_type,
            "year": year,
            "years": [today.year - 1, today.year, today.year + 1],
            "lines": _lines(account, year) if account else [],
        },
    )


def _lines(account: LeaveAccount, year: int) -> list[tuple[LeaveLedgerEntry, Any]]:
    """Return the lines of a year as they were posted, each with what it left."""
    entries = (
        LeaveLedgerEntry.objects.filter(account=account, year=year)
        .select_related("request", "posted_by")
        .order_by("number")
    )
    held: Any = 0
    lines = []
    for entry in entries:
        held += entry.amount
        lines.append((entry, held))
    return lines


# --- Asking ---------------------------------------------------------------------------


@scope_required("leave:request")
def request_page(request: OrganizationRequest) -> HttpResponse:
    """Show the form and what it costs; send it when "Send" was pressed."""
    me = _me(request)
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
    me = _me_or_404(request)
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


# --- Deciding -------------------------------------------------------------------------


@scope_required("leave:read")
@require_safe
def receipt(request: OrganizationRequest, request_id: UUID) -> HttpResponse:
    """Show a request, its days, its lines, and what may be done about it."""
    leave_request = _visible_or_404(request, request_id)
    own = leave_request.employee.user_id == request.user.pk
    decides = may_decide(leave_request, request.access)
    today = timezone.localdate()
    return render(
        request,
        "leave/receipt.html",
        {
            "leave_request": leave_request,
            "days": leave_request.days.all(),
            "lines": leave_request.ledger_entries.order_by("number"),
            "away": team_away(
                leave_request.employee, leave_request.first_on, leave_request.last_on
            ),
            "is_own": own,
            "decides": decides and leave_request.is_pending,
            "may_withdraw": leave_request.is_pending
            and (own or request.access.allows("leave:approve_all")),
            "may_cancel": leave_request.is_approved
            and (decides or (own and leave_request.last_on > today)),
            "cancel_form": CancelForm(),
        },
    )


@scope_required("leave:read")
@require_safe
def inbox_page(request: OrganizationRequest) -> HttpResponse:
    """Show all that waits for one's decision, with who else is away."""
    return render(
        request, "leave/inbox.html", {"entries": inbox.entries(request.access)}
    )


@scope_required("leave:approve")
@require_POST
def approve(request: OrganizationRequest, request_id: UUID) -> HttpResponse:
    """Grant a request."""
    return _decide(
        request,
        request_id,
        lambda asked: approve_leave(asked, access=request.access),
        _("Approved."),
    )


@scope_required("leave:approve")
@require_POST
def decline(request: OrganizationRequest, request_id: UUID) -> HttpResponse:
    """Refuse a request and say why."""
    form = DeclineForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return _decide(
        request,
        request_id,
        lambda asked: decline_leave(asked, reason=reason, access=request.access),
        _("Declined."),
    )


@scope_required("leave:request")
@require_POST
def withdraw(request: OrganizationRequest, request_id: UUID) -> HttpResponse:
    """Take a request back."""
    return _decide(
        request,
        request_id,
        lambda asked: withdraw_leave(asked, access=request.access),
        _("Withdrawn."),
    )


@scope_required("leave:request")
@require_POST
def cancel(request: OrganizationRequest, request_id: UUID) -> HttpResponse:
    """Give granted leave back, from a day on or all that may be."""
    form = CancelForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a day, or leave it empty for all."))
        return redirect("leave:receipt", request_id)
    return _decide(
        request,
        request_id,
        lambda asked: cancel_leave(
            asked, access=request.access, from_on=form.cleaned_data["from_on"]
        ),
        _("Given back."),
    )


def _decide(
    request: OrganizationRequest,
    request_id: UUID,
    take: Callable[[LeaveRequest], LeaveRequest],
    done: str,
) -> HttpResponse:
    """Take a decision and tell what came of it, where the person came from."""
    leave_request = _visible_or_404(request, request_id)
    try:
        decided = take(leave_request)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, f"{leave_request.employee}: {message}")
    else:
        messages.success(request, f"{decided.employee}, {decided.span}: {done}")
    return redirect(_back(request, leave_request))


def _back(request: OrganizationRequest, leave_request: LeaveRequest) -> str:
    address = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if ours else reverse("leave:receipt", args=[leave_request.pk])


# --- Who is away ----------------------------------------------------------------------


@scope_required("leave:read")
@require_safe
def calendar_page(request: OrganizationRequest) -> HttpResponse:
    """Show a month of one's team, or of a department: people by days."""
    form = MonthForm(request.GET)
    today = timezone.localdate()
    first_on = form.shown(today)
    next_on = (first_on + dt.timedelta(days=31)).replace(day=1)
    last_on = next_on - dt.timedelta(days=1)
    people, is_cut = _people(request, form.cleaned_data.get("department"))
    words = Words(away=_("Away"), asked=_("asked for"), weekend=_("Weekend"))
    lines = month_of(people, first_on, last_on, request.access, words)
    response = render(
        request,
        "leave/calendar.html",
        {
            "lines": lines,
            "days": [first_on + dt.timedelta(days=n) for n in range(last_on.day)],
            "counts": _counts(lines),
            "month": first_on,
            "before": first_on - dt.timedelta(days=1),
            "after": next_on,
            "today": today,
            "departments": Department.objects.all(),
            "department": form.cleaned_data.get("department"),
            "is_cut": is_cut,
            "most_people": MOST_PEOPLE,
        },
    )
    patch_vary_headers(response, ["Cookie"])
    return response


def _people(
    request: OrganizationRequest, department: UUID | None
) -> tuple[Sequence[Employee], bool]:
    """Return whose month is asked for, and whether they are more than are shown."""
    me = _me(request)
    if department is None and me is not None:
        people: Sequence[Employee] = overview.team_of(me)
    else:
        active = Employee.objects.active().with_work().select_related("organization")
        if department is not None:
            active = active.filter(department=department)
        people = list(active[: MOST_PEOPLE + 1])
    return people[:MOST_PEOPLE], len(people) > MOST_PEOPLE


def _counts(lines: Sequence[Any]) -> list[int]:
    """Return how many are away on each day."""
    columns = zip(*(line.cells for line in lines), strict=True)
    return [sum(cell.kind == "away" for cell in column) for column in columns]


# --- Who, and which -------------------------------------------------------------------


def _me(request: OrganizationRequest) -> Employee | None:
    """Return the employee that the member is, if they are one here."""
    employees = Employee.objects.with_work().select_related("organization")
    return employees.filter(user=request.user).first()


def _me_or_404(request: OrganizationRequest) -> Employee:
    me = _me(request)
    if me is None:
        raise Http404
    return me


def _visible_or_404(request: OrganizationRequest, request_id: UUID) -> LeaveRequest:
    """Return a request that the member may see; any other one is not there."""
    visible = LeaveRequest.objects.visible_to(request.access).with_names()
    found: LeaveRequest = get_object_or_404(visible, pk=request_id)
    return found


def _year(request: OrganizationRequest, today: dt.date) -> int:
    text = request.GET.get("year", "")
    return (
        int(text)
        if text.isascii() and text.isdigit() and len(text) == 4
        else today.year
    )
