"""The pages that people meet: home, the directory, a person, oneself, the chart."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from employees import overview
from employees.forms import DirectoryForm, Group, MyProfileForm
from employees.home import Visitor, columns_of, shown_to, stylesheets_of
from employees.models import Employee, EmployeeQuerySet
from employees.services import update_employee
from employees.visibility import visible_classes
from organizations.classes import PERSONAL, SENSITIVE
from organizations.decorators import scope_required
from organizations.forms import show_broken_rule
from organizations.middleware import OrganizationRequest
from organizations.models import StaleRecord

PAGE_SIZE = 50
COUNTED_UP_TO = 1000
BRANCH_SIZE = 100
#: The class of a column of the home page, by how many there are.
WIDTHS = ["", "w8", "w6", "w4"]


@scope_required("employees:read")
def home(request: OrganizationRequest) -> HttpResponse:
    """Answer what a person looks for first; every figure leads to its list."""
    me = _me(request)
    visitor = Visitor(request.access, me, timezone.now())
    cards = shown_to(visitor)
    columns = columns_of(cards)
    return render(
        request,
        "employees/home.html",
        {
            "today": visitor.today,
            "call_name": me.call_name if me else request.user.get_short_name(),
            "part_of_day": overview.part_of_day(timezone.localtime().hour),
            "has_people": Employee.objects.active().exists(),
            "columns": columns,
            "width": WIDTHS[len(columns)],
            "stylesheets": stylesheets_of(cards),
        },
    )


@scope_required("employees:read")
def directory(request: OrganizationRequest) -> HttpResponse:
    """Find colleagues; a live search gets the results alone, all else the page."""
    me = _me(request)
    form = DirectoryForm(
        request.GET,
        groups=_groups(request, me),
        today=timezone.localdate(),
        me=me,
    )
    found = form.found()
    page, more = _page_after(found.with_work(), request.GET.get("after", ""))
    context = {
        "form": form,
        "employees": page,
        "more": more and _address_after(request, page[-1]),
        "is_continued": "after" in request.GET,
        "count": found[: COUNTED_UP_TO + 1].count(),
        "counted_up_to": COUNTED_UP_TO,
        "show": form.data.get("show", ""),
        "today": form.today,
    }
    response = render(request, _directory_template(request), context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _directory_template(request: Any) -> str:
    if not request.htmx or request.htmx.history_restore_request:
        return "employees/directory.html"
    if "after" in request.GET:
        return "employees/directory_rows.html"
    return "employees/directory_results.html"


def _groups(request: OrganizationRequest, me: Employee | None) -> list[Group]:
    """Return the groups to choose from: a team for employees, the former for HR."""
    hidden = set() if me else {Group.TEAM}
    if not request.access.allows("employees:read_personal"):
        hidden.add(Group.FORMER)
    return [group for group in Group if group not in hidden]


def _page_after(employees: EmployeeQuerySet, after: str) -> tuple[list[Employee], bool]:
    """Return the page that follows an employee by name, and whether there is more."""
    if after:
        employees = employees.after(_employee_or_404(after))
    page = list(employees[: PAGE_SIZE + 1])
    return page[:PAGE_SIZE], len(page) > PAGE_SIZE


def _employee_or_404(employee_id: str) -> Employee:
    try:
        return get_object_or_404(Employee, pk=UUID(employee_id))
    except ValueError as error:
        raise Http404 from error


def _address_after(request: OrganizationRequest, last: Employee) -> str:
    query = {name: value for name, value in request.GET.items() if value}
    return "?" + urlencode({**query, "after": str(last.pk)})


@scope_required("employees:read")
def profile(request: OrganizationRequest, employee_id: UUID) -> HttpResponse:
    """Show a colleague: to everybody the public fields, the rest to who may."""
    employee = get_object_or_404(Employee.objects.with_work(), pk=employee_id)
    return _profile(request, employee, "employees/profile.html")


@scope_required("employees:read")
def my_profile(request: OrganizationRequest) -> HttpResponse:
    """Show what is kept about oneself, and who sees it."""
    me = _me(request)
    if me is None:
        return render(request, "employees/no_profile.html")
    return _profile(request, me, "employees/my_profile.html")


def _profile(
    request: OrganizationRequest, employee: Employee, template: str
) -> HttpResponse:
    managers = Employee.objects.managers_above(employee)
    visible = visible_classes(request.access, employee, managers)
    team = employee.reports.active().select_related("position")
    context = {
        "employee": employee,
        "managers": managers[::-1],
        "team": team[:BRANCH_SIZE],
        "team_count": team.count(),
        "local_time": employee.location
        and timezone.localtime(timezone=employee.location.zone),
        "sees_personal": PERSONAL in visible,
        "sees_sensitive": SENSITIVE in visible,
        "today": timezone.localdate(),
        "is_me": employee.user_id == request.user.pk,
    }
    return render(request, template, context)


@scope_required("employees:read")
def my_profile_edit(request: OrganizationRequest) -> HttpResponse:
    """Change what one keeps up to date oneself; everything else is HR's."""
    me = _me(request)
    if me is None:
        raise Http404
    form = MyProfileForm(
        request.POST or None, instance=me, initial={"version": me.version}
    )
    if request.method == "POST" and form.is_valid() and _update(me, form):
        messages.success(request, _("Your profile is saved."))
        return redirect("employees:my_profile")
    return render(request, "employees/my_profile_edit.html", {"form": form, "me": me})


def _update(employee: Employee, form: MyProfileForm) -> bool:
    """Save the form by the service; a broken rule lands on the form."""
    changes = {name: form.cleaned_data[name] for name in form._meta.fields or ()}
    try:
        if form.cleaned_data["version"] != employee.loaded_version:
            raise StaleRecord
        update_employee(employee, **changes)
    except ValidationError as error:
        show_broken_rule(form, error)
        return False
    return True


@scope_required("employees:read")
def org_chart(request: OrganizationRequest) -> HttpResponse:
    """Show who reports to whom, from the top; branches open where they are asked."""
    active = Employee.objects.active().with_team_size().select_related("position")
    tops = list(active.at_the_top()[: BRANCH_SIZE + 1])
    shown = tops[:BRANCH_SIZE]
    below: dict[UUID | None, list[Employee]] = {top.pk: [] for top in shown}
    for employee in active.filter(manager__in=shown)[:COUNTED_UP_TO]:
        below[employee.manager_id].append(employee)
    context = {
        "branches": [(top, below[top.pk]) for top in shown],
        "is_cut": len(tops) > BRANCH_SIZE,
    }
    return render(request, "employees/org_chart.html", context)


@scope_required("employees:read")
def reports(request: OrganizationRequest, employee_id: UUID) -> HttpResponse:
    """Return a branch of the chart: who reports to this person."""
    manager = get_object_or_404(Employee, pk=employee_id)
    team = manager.reports.active().with_team_size().select_related("position")
    return render(
        request,
        "employees/org_chart_branch.html",
        {"manager": manager, "team": team[:COUNTED_UP_TO]},
    )


def _me(request: OrganizationRequest) -> Employee | None:
    """Return the employee that the member is, if they are one here."""
    return Employee.objects.with_work().filter(user=request.user).first()
