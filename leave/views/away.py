"""Who is away: a month of people by days."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from employees.models import Department, Employee
from leave import overview
from leave.forms import MonthForm
from leave.team import Words, month_of
from leave.views.whose import me_of
from organizations.decorators import scope_required
from organizations.middleware import OrganizationRequest

MOST_PEOPLE = 100


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
    me = me_of(request)
    if department is None and me is not None:
        people: Sequence[Employee] = overview.team_of(me)
    else:
        active = Employee.objects.active().select_related("manager", "organization")
        if department is not None:
            active = active.filter(department=department)
        people = list(active[: MOST_PEOPLE + 1])
    return people[:MOST_PEOPLE], len(people) > MOST_PEOPLE


def _counts(lines: Sequence[Any]) -> list[int]:
    """Return how many are away on each day."""
    columns = zip(*(line.cells for line in lines), strict=True)
    return [sum(cell.kind == "away" for cell in column) for column in columns]
