"""What somebody has of each type, and every line of it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from leave import overview
from leave.models import LeaveAccount, LeaveLedgerEntry, LeaveType
from leave.views.whose import me_of, year_of
from organizations.decorators import scope_required
from organizations.middleware import OrganizationRequest

PAGE_SIZE = 25


@scope_required("leave:read")
@require_safe
def overview_page(request: OrganizationRequest) -> HttpResponse:
    """Show what somebody has of each type, and what they asked for."""
    me = me_of(request)
    if me is None:
        return render(request, "employees/no_profile.html")
    today = timezone.localdate()
    year = year_of(request, today)
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
    me = me_of(request)
    if me is None:
        return render(request, "employees/no_profile.html")
    today = timezone.localdate()
    year = year_of(request, today)
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
