"""Where the team is today."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attendance import overview
from attendance.forms import TeamForm
from attendance.views.who import is_live, me_of
from employees.models import Department, Employee
from organizations.decorators import scope_required
from organizations.middleware import OrganizationRequest

MOST_PEOPLE = 200
#: What the page and the rules of a day ask of somebody: a fifth of what is kept.
SHOWN = (
    "organization",
    "location",
    "first_name",
    "preferred_name",
    "last_name",
    "hired_on",
    "first_hired_on",
    "terminated_on",
)


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
    template = "team_rows" if is_live(request) else "team"
    return render(request, f"attendance/{template}.html", context)


def _people(request: OrganizationRequest) -> tuple[list[Employee], UUID | None]:
    """Return one's reports, or the people of the department that HR asks for."""
    department_id = TeamForm(request.GET).department_id()
    me = me_of(request)
    # Two hundred people share a few locations and one organization.
    active = (
        Employee.objects.active()
        .only(*SHOWN)
        .prefetch_related("location", "organization")
    )
    if department_id and request.access.allows("attendance:read_all"):
        chosen = active.filter(department=department_id)
    elif me:
        chosen, department_id = active.filter(manager=me), None
    else:
        return [], None
    return list(chosen[: MOST_PEOPLE + 1]), department_id
