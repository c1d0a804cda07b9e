"""How the organization is built: departments, positions, locations."""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from employees.models import Department, Employee, Location, Position
from employees.tree import in_order
from organizations.admin import (
    OrganizationChangeList,
    OrganizationModelAdmin,
    RecordForm,
    display,
)

PEOPLE = "admin:employees_employee_changelist"


class StructureAdmin(OrganizationModelAdmin):
    """What employees are placed in; shows how many people are."""

    read_scope = "structure:read"
    write_scope = "structure:write"
    delete_scope = "structure:delete"
    #: The parameter of the list of employees that asks for the people of a row.
    people_parameter: str

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        active = Q(employees__status=Employee.Status.ACTIVE)
        rows: QuerySet[Any] = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("_changelist"):
            rows = rows.annotate(people_count=Count("employees", filter=active))
        return rows

    @display(description=_("people"), ordering="people_count")
    def people(self, record: Any) -> str:
        if not record.people_count:
            return "0"
        query = {self.people_parameter: record.pk, "status__exact": "active"}
        address = f"{reverse(PEOPLE)}?{urlencode(query)}"
        return format_html('<a href="{}">{}</a>', address, record.people_count)


class TreeList(OrganizationChangeList):
    """The list as a tree: each department below its parent, when all are shown."""

    result_list: Any

    def get_results(self, request: Any) -> None:
        super().get_results(request)
        whole = not self.query and not self.params and not self.multi_page
        if whole:
            rows = list(self.result_list)
            self.result_list = []
            for department, depth in in_order(rows):
                department.depth = depth
                self.result_list.append(department)


@admin.register(Department)
class DepartmentAdmin(StructureAdmin):
    list_display = ["tree_name", "code", "people"]
    list_per_page = 1000
    search_fields = ["name", "code"]
    autocomplete_fields = ["parent"]
    fields = ["name", "code", "parent"]
    people_parameter = "department"

    def get_changelist(self, request: Any, **kwargs: Any) -> type[TreeList]:
        return TreeList

    @display(description=_("department"))
    def tree_name(self, department: Department) -> str:
        depth = getattr(department, "depth", 0)
        indent = "\N{EM SPACE}\N{EM SPACE}" * max(depth - 1, 0)
        branch = "\N{EM SPACE}\N{BOX DRAWINGS LIGHT UP AND RIGHT} " if depth else ""
        return f"{indent}{branch}{department.name}"


@admin.register(Position)
class PositionAdmin(StructureAdmin):
    list_display = ["title", "people"]
    search_fields = ["title"]
    fields = ["title"]
    people_parameter = "position__id__exact"


class LocationForm(RecordForm):
    """The time zone is one of those that exist."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[("", "")] + [(zone, zone) for zone in sorted(available_timezones())],
        widget=UnfoldAdminSelectWidget,
        help_text=_("The one that people there live by."),
    )

    class Meta:
        model = Location
        fields = ["name", "country", "subdivision", "time_zone"]


@admin.register(Location)
class LocationAdmin(StructureAdmin):
    form = LocationForm
    list_display = ["name", "country", "subdivision", "time_zone", "people"]
    search_fields = ["name", "country", "subdivision"]
    fields = ["name", ("country", "subdivision"), "time_zone"]
    people_parameter = "location__id__exact"
