"""Corrections as HR sees them: read here, decided by actions over the services."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
)

from attendance.admin.pages import AT_ONCE, decide, decide_with_reason
from attendance.models import CorrectedPunch, Correction
from attendance.services import approve_correction, decline_correction
from attendance.templatetags.attendance import hours
from organizations.admin import (
    OrganizationModelAdmin,
    OrganizationTabularInline,
    display,
)


class CorrectedPunchInline(OrganizationTabularInline):
    """What is asked for, line by line."""

    model = CorrectedPunch
    form = ModelForm  # shown, never sent: it needs no version
    fk_name = "correction"
    read_scope = "attendance:read_all"
    fields = ["action", "direction", "moment", "time_zone"]
    readonly_fields = fields
    can_delete = False
    max_num = 0

    @display(description=gettext_lazy("time"))
    def moment(self, line: CorrectedPunch) -> str:
        return f"{line.local:%Y-%m-%d %H:%M}"


@admin.register(Correction)
class CorrectionAdmin(OrganizationModelAdmin):
    """Nobody edits a correction: it is approved or declined."""

    read_scope = "attendance:read_all"
    list_display = ["employee", "on", "reason", "effect", "state", "decided_by"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("employee", AutocompleteSelectFilter),
        ("on", RangeDateFilter),
    ]
    list_select_related = ["employee", "decided_by"]
    search_fields = ["employee__last_name", "employee__first_name", "employee__number"]
    fields = [
        "employee",
        "on",
        "reason",
        "effect",
        "status",
        "decided_by",
        "decided_at",
        "decline_reason",
    ]
    readonly_fields = fields
    inlines = [CorrectedPunchInline]
    actions = ["approve", "decline"]

    def has_decide_permission(self, request: Any) -> bool:
        """Say whether the member decides about everybody's corrections."""
        may: bool = request.access.allows("attendance:approve_all")
        return may

    def words_of(self, correction: Correction) -> str:
        """Say what became of a correction."""
        return correction.get_status_display()

    @display(
        description=gettext_lazy("status"),
        ordering="status",
        label={"pending": "info", "approved": "success", "declined": "danger"},
    )
    def state(self, correction: Correction) -> tuple[str, str]:
        return correction.status, correction.get_status_display()

    @display(description=gettext_lazy("worked"))
    def effect(self, correction: Correction) -> str:
        figures = correction.applied or {
            "before": correction.before,
            "after": correction.after,
        }
        before, after = (
            hours(figures[when].get("worked_minutes")) for when in ("before", "after")
        )
        return f"{before} → {after}"

    @admin.action(
        description=gettext_lazy("Approve selected corrections"),
        permissions=["decide"],
    )
    def approve(self, request: Any, corrections: QuerySet[Correction]) -> None:
        decide(
            request,
            self,
            corrections.select_related("employee")[:AT_ONCE],
            lambda correction: approve_correction(correction, access=request.access),
        )

    @admin.action(
        description=gettext_lazy("Decline selected corrections"),
        permissions=["decide"],
    )
    def decline(
        self, request: Any, corrections: QuerySet[Correction]
    ) -> HttpResponse | None:
        """Ask for the reason, then decline."""
        return decide_with_reason(
            request,
            self,
            corrections.select_related("employee"),
            lambda correction, reason: decline_correction(
                correction, access=request.access, reason=reason
            ),
            action="decline",
            title=_("Decline"),
        )
