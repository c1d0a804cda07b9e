"""Days as HR sees them: computed, never written."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
)

from attendance.models import AttendanceDay
from attendance.services import recompute_days
from attendance.templatetags.attendance import hours, signed_hours
from organizations.admin import OrganizationModelAdmin, display

AT_ONCE = 500


@admin.register(AttendanceDay)
class AttendanceDayAdmin(OrganizationModelAdmin):
    """The results of days."""

    read_scope = "attendance:read_all"
    list_display = [
        "employee",
        "on",
        "state",
        "worked",
        "pause",
        "required",
        "difference",
        "late",
    ]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("employee", AutocompleteSelectFilter),
        ("on", RangeDateFilter),
    ]
    list_select_related = ["employee"]
    search_fields = ["employee__last_name", "employee__first_name", "employee__number"]
    ordering = ["-on", "-id"]
    fields = [
        "employee",
        "on",
        "state",
        "worked",
        "pause",
        "required",
        "difference",
        "late",
        "first_in_at",
        "last_out_at",
        "warnings",
        "updated_at",
    ]
    readonly_fields = fields
    actions = ["compute_anew"]

    def has_compute_permission(self, request: Any) -> bool:
        """Say whether the member may have days computed."""
        may: bool = request.access.allows("attendance:manage")
        return may

    @display(
        description=gettext_lazy("status"),
        ordering="status",
        label={
            "present": "success",
            "partial": "warning",
            "missing_punch": "warning",
            "absent": "danger",
            "leave": "info",
        },
    )
    def state(self, day: AttendanceDay) -> tuple[str, str]:
        return day.status, day.get_status_display()

    @display(description=gettext_lazy("worked"), ordering="worked_minutes")
    def worked(self, day: AttendanceDay) -> str:
        return hours(day.worked_minutes)

    @display(description=gettext_lazy("break"), ordering="break_minutes")
    def pause(self, day: AttendanceDay) -> str:
        return hours(day.break_minutes)

    @display(description=gettext_lazy("required"), ordering="required_minutes")
    def required(self, day: AttendanceDay) -> str:
        return hours(day.required_minutes)

    @display(description=gettext_lazy("difference"), ordering="difference_minutes")
    def difference(self, day: AttendanceDay) -> str:
        return signed_hours(day.difference_minutes)

    @display(description=gettext_lazy("late"), ordering="late_minutes")
    def late(self, day: AttendanceDay) -> str:
        return hours(day.late_minutes) if day.late_minutes else ""

    @admin.action(
        description=gettext_lazy("Compute selected days anew"),
        permissions=["compute"],
    )
    def compute_anew(self, request: Any, days: QuerySet[AttendanceDay]) -> None:
        people: dict[Any, set[UUID]] = defaultdict(set)
        for employee_id, on in days.values_list("employee", "on")[:AT_ONCE]:
            people[on].add(employee_id)
        count = sum(recompute_days(ids, on, on) for on, ids in sorted(people.items()))
        messages.success(
            request,
            ngettext("%(count)d day changed.", "%(count)d days changed.", count)
            % {"count": count},
        )
