"""A request, the inbox, and what is decided there."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leave import inbox
from leave.forms import CancelForm, DeclineForm, InboxForm
from leave.models import LeaveRequest
from leave.services import (
    approve_leave,
    cancel_leave,
    decline_leave,
    may_decide,
    withdraw_leave,
)
from leave.team import team_away
from leave.views.whose import visible_or_404
from organizations.decorators import scope_required
from organizations.middleware import OrganizationRequest


@scope_required("leave:read")
@require_safe
def receipt(request: OrganizationRequest, request_id: UUID) -> HttpResponse:
    """Show a request, its days, its lines, and what may be done about it."""
    leave_request = visible_or_404(request, request_id)
    own = leave_request.employee.user_id == request.user.pk
    decides = may_decide(leave_request, request.access)
    today = timezone.localdate()
    days = list(leave_request.days.all())
    return render(
        request,
        "leave/receipt.html",
        {
            "leave_request": leave_request,
            "days": days,
            "needs_certificate": leave_request.leave_type.needs_certificate(len(days)),
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
    """Show what waits for one's decision, with who else is away.

    ``q`` narrows it to some people. The search and the button for more ask for a part
    of the page alone.
    """
    form = InboxForm(request.GET)
    if not form.is_valid():
        return redirect("leave:inbox")
    search, after = form.cleaned_data["q"], form.cleaned_data["after"]
    page = inbox.page(request.access, search, after)
    following = page.next_after and {"q": search, "after": page.next_after.isoformat()}
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    is_part = htmx and not htmx.history_restore_request
    response = render(
        request,
        "leave/inbox_entries.html" if is_part else "leave/inbox.html",
        {
            "entries": page.entries,
            "more": following and f"{request.path}?{urlencode(following)}",
            "search": search,
            "is_continued": after is not None,
        },
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


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
    leave_request = visible_or_404(request, request_id)
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
