"""HR's list of employees, their form, and what is decided about them."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
)

from employees.admin.decisions import (
    NEW_MANAGER,
    REHIRING,
    TERMINATION,
    Decision,
    decide,
)
from employees.admin.filters import DepartmentFilter, OpenPointFilter
from employees.admin.forms import EmployeeForm, LoginField
from employees.models import Employee, EmployeeQuerySet
from employees.services import give_login, hire_employee, update_employee
from organizations.admin import (
    OrganizationModelAdmin,
    OrganizationTabularInline,
    action,
    display,
    tell_refusal,
)
from organizations.classes import PERSONAL, SENSITIVE
from organizations.invitations import send_invitation

ADDRESS = "admin:employees_employee_change"
#: What only ``employees:read_personal`` shows.
CONFIDENTIAL = frozenset(
    name
    for name, field_class in Employee.classes().items()
    if field_class in {PERSONAL, SENSITIVE}
)


class ReportInline(OrganizationTabularInline):
    """Who reports to this person; changed on their own page."""

    model = Employee
    fk_name = "manager"
    form = ModelForm
    read_scope = "employees:read"
    fields = ["number", "position", "department", "status", "hired_on"]
    readonly_fields = fields
    verbose_name = _("report")
    verbose_name_plural = _("reports to this person")
    show_change_link = True
    can_delete = False
    max_num = 0
    per_page = 10
    tab = True

    def get_queryset(self, request: Any) -> QuerySet[Employee]:
        return super().get_queryset(request).select_related("position", "department")


@admin.register(Employee)
class EmployeeAdmin(OrganizationModelAdmin):
    """Everything HR does with people goes through the services."""

    read_scope = "employees:read"
    write_scope = "employees:write"
    delete_scope = "employees:delete"
    form = EmployeeForm
    list_display = [
        "person",
        "work",
        "location",
        "manager",
        "employment",
        "hired_on",
    ]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        OpenPointFilter,
        DepartmentFilter,
        ("position", AutocompleteSelectFilter),
        ("location", AutocompleteSelectFilter),
        ("manager", AutocompleteSelectFilter),
        ("employment_type", ChoicesDropdownFilter),
        ("hired_on", RangeDateFilter),
        ("terminated_on", RangeDateFilter),
    ]
    list_select_related = ["manager", "department", "position", "location"]
    search_fields = ["last_name"]  # opens the box; the queryset does the search
    search_help_text = _("Name, e-mail, number, position, department or location")
    autocomplete_fields = ["manager", "department", "position", "location"]
    readonly_fields = [
        "status",
        "first_hired_on",
        "terminated_on",
        "termination_reason",
    ]
    inlines = [ReportInline]
    actions = ["terminate", "rehire", "change_manager", "give_logins"]
    actions_detail = ["terminate_this", "rehire_this"]
    fieldsets: list[tuple[Any, dict[str, Any]]] = [
        (
            _("Name"),
            {
                "fields": [
                    ("first_name", "last_name"),
                    ("middle_name", "preferred_name"),
                ]
            },
        ),
        (
            _("Work"),
            {
                "fields": [
                    ("work_email", "work_phone"),
                    ("position", "department"),
                    ("location", "manager"),
                ]
            },
        ),
        (
            _("Employment"),
            {
                "fields": [
                    ("hired_on", "employment_type"),
                    ("number", "user"),
                    ("status", "first_hired_on"),
                    ("terminated_on", "termination_reason"),
                ]
            },
        ),
        (
            _("Personal"),
            {
                "fields": [("mobile_phone", "home_email"), ("born_on", "gender")],
                "description": _("For the person, the managers above them and HR."),
            },
        ),
    ]

    @display(description=_("employee"), header=True, ordering="last_name")
    def person(self, employee: Employee) -> list[str]:
        initials = f"{employee.first_name[:1]}{employee.last_name[:1]}"
        return [employee.name, f"{employee.number} · {employee.work_email}", initials]

    @display(description=_("position"), header=True, ordering="position__title")
    def work(self, employee: Employee) -> list[str]:
        return [str(employee.position or "-"), str(employee.department or "-")]

    @display(
        description=_("status"),
        ordering="status",
        label={"active": "success", "leaving": "warning", "terminated": None},
    )
    def employment(self, employee: Employee) -> tuple[str, Any]:
        if employee.status == Employee.Status.ACTIVE and employee.terminated_on:
            return "leaving", _("Until %s") % employee.terminated_on
        return employee.status, employee.get_status_display()

    def get_search_results(
        self, request: Any, queryset: EmployeeQuerySet, search_term: str
    ) -> tuple[QuerySet[Employee], bool]:
        """Search as the directory does; choices of a form are people employed."""
        found = queryset.search(search_term)
        if request.resolver_match.url_name == "autocomplete":
            found = found.active()
        return found, False

    def get_fieldsets(self, request: Any, obj: Employee | None = None) -> list[Any]:
        """Leave out what does not exist yet, and what the member may not see."""
        hidden = set() if obj else set(self.readonly_fields)
        if not request.access.allows("employees:read_personal"):
            hidden |= CONFIDENTIAL
        return [
            (title, {**options, "fields": shown})
            for title, options in self.fieldsets
            if (shown := _without(hidden, options["fields"]))
        ]

    def get_inlines(self, request: Any, obj: Employee | None = None) -> list[Any]:
        return self.inlines if obj else []

    def formfield_for_foreignkey(
        self, db_field: Any, request: Any, **kwargs: Any
    ) -> Any:
        if db_field.name == "user":
            kwargs |= {"form_class": LoginField, "widget": LoginField.widget}
            kwargs["help_text"] = _("The e-mail address that they log in with.")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def add_record(self, request: Any, form: Any) -> Employee:
        return hire_employee(request.organization, **form.cleaned_data)

    def change_record(self, request: Any, form: Any) -> None:
        answers = form.cleaned_data
        update_employee(
            form.instance,
            **{name: answers[name] for name in form.fields if name != "version"},
        )

    @admin.action(description=_("End employment"), permissions=["change"])
    def terminate(
        self, request: Any, employees: QuerySet[Employee]
    ) -> HttpResponse | None:
        return decide(request, self, employees, TERMINATION)

    @admin.action(description=_("Rehire"), permissions=["change"])
    def rehire(
        self, request: Any, employees: QuerySet[Employee]
    ) -> HttpResponse | None:
        return decide(request, self, employees, REHIRING)

    @admin.action(description=_("Change manager"), permissions=["change"])
    def change_manager(
        self, request: Any, employees: QuerySet[Employee]
    ) -> HttpResponse | None:
        return decide(request, self, employees, NEW_MANAGER)

    @action(
        description=TERMINATION.title,
        url_path="terminate",
        permissions=["change"],
        icon="person_off",
    )
    def terminate_this(self, request: Any, object_id: str) -> HttpResponse:
        return self._decide_about(request, object_id, TERMINATION)

    @action(
        description=REHIRING.title,
        url_path="rehire",
        permissions=["change"],
        icon="person_add",
    )
    def rehire_this(self, request: Any, object_id: str) -> HttpResponse:
        return self._decide_about(request, object_id, REHIRING)

    def _decide_about(
        self, request: Any, object_id: str, decision: Decision
    ) -> HttpResponse:
        employee = self.get_own(request, object_id)
        this = self.get_queryset(request).filter(pk=employee.pk)
        page = decide(request, self, this, decision)
        return page or redirect(ADDRESS, employee.pk)

    def get_actions_detail(self, request: Any, object_id: str) -> list[Any]:
        """Offer the decision that fits: leavers are rehired, others leave."""
        employee = self.get_object(request, object_id)
        left = employee and employee.status == Employee.Status.TERMINATED
        fitting = "rehire_this" if left else "terminate_this"
        return [
            offered
            for offered in super().get_actions_detail(request, object_id)
            if offered.action_name.endswith(fitting)
        ]

    def has_invite_permission(self, request: Any) -> bool:
        may: bool = request.access.allows("members:manage")
        return may and self.has_change_permission(request)

    @admin.action(description=_("Let them log in"), permissions=["invite"])
    def give_logins(self, request: Any, employees: QuerySet[Employee]) -> None:
        for employee in employees.select_related("organization"):
            try:
                with transaction.atomic():
                    membership = give_login(employee)
            except ValidationError as error:
                tell_refusal(request, error, employee)
            else:
                self.log_change(request, employee, str(_("Let them log in")))
                transaction.on_commit(partial(_invite, request, membership))


def _invite(request: Any, membership: Any) -> None:
    email = membership.user.email
    try:
        send_invitation(membership)
    except OSError:
        reason = _("The mail could not be sent. Ask them to use “Forgot password”.")
        messages.warning(request, f"{email}: {reason}")
    else:
        messages.success(request, _("Invitation sent to %s.") % email)


def _without(hidden: set[str], rows: list[Any]) -> list[Any]:
    """Return the rows of a fieldset without the hidden fields."""
    kept = [[name for name in row if name not in hidden] for row in rows]
    return [tuple(row) for row in kept if row]
