"""The clock, shown and pressed."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from attendance import overview
from attendance.models import Punch
from attendance.services import (
    clock_in,
    clock_out,
    end_break,
    start_break,
)
from attendance.views.who import is_live, me_or_404, next_of
from employees.models import Employee
from organizations.decorators import scope_required
from organizations.middleware import OrganizationRequest

PRESSES: dict[str, Callable[[Employee], Punch]] = {
    "in": clock_in,
    "out": clock_out,
    "break_start": start_break,
    "break_end": end_break,
}


@scope_required("attendance:punch")
def clock(request: OrganizationRequest) -> HttpResponse:
    """Show one's clock, or press it: clock in or out, begin or end a break."""
    me = me_or_404(request)
    refusal = _press(request, me) if request.method == "POST" else ""
    if request.method == "POST" and not is_live(request):
        if refusal:
            messages.error(request, refusal)
        return redirect(next_of(request) or "attendance:month")
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
