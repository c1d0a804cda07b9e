"""Punches as HR sees them: recorded and voided, never edited."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.widgets import UnfoldAdminSingleDateWidget, UnfoldAdminSingleTimeWidget

from attendance.admin.pages import decide_with_reason
from attendance.models import Punch
from attendance.schedule import moment
from attendance.services import NewPunch, record_punch, void_punch, zone_of
from organizations.admin import OrganizationModelAdmin, RecordForm, display


class NewPunchForm(RecordForm):
    """A punch to record, told in the local time of where the person works."""

    on = forms.DateField(label=gettext_lazy("Day"), widget=UnfoldAdminSingleDateWidget)
    time = forms.TimeField(
        label=gettext_lazy("Time"),
        widget=UnfoldAdminSingleTimeWidget,
        help_text=gettext_lazy("In the time zone of where the person works."),
    )

    class Meta:
        model = Punch
        fields = ["employee", "direction"]

    def new_punch(self) -> NewPunch:
        """Return what a valid form asks to record."""
        answer = self.cleaned_data
        zone: ZoneInfo = zone_of(answer["employee"])
        return NewPunch(
            answer["employee"],
            moment(answer["on"], answer["time"], zone),
            Punch.Direction(answer["direction"]),
        )

    def _post_clean(self) -> None:
        """Leave the rules to the service: the moment is not in the form."""


@admin.register(Punch)
class PunchAdmin(OrganizationModelAdmin):
    """Every press of the clock."""

    read_scope = "attendance:read_all"
    write_scope = "attendance:manage"
    list_display = [
        "employee",
        "local_time",
        "time_zone",
        "direction",
        "source",
        "device",
        "counts",
    ]
    list_filter = [
        ("employee", AutocompleteSelectFilter),
        ("direction", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("punched_at", RangeDateTimeFilter),
    ]
    list_select_related = ["employee"]
    search_fields = ["employee__last_name", "employee__first_name", "employee__number"]
    autocomplete_fields = ["employee"]
    ordering = ["-punched_at", "-id"]
    actions = ["void"]
    SHOWN = [
        "employee",
        "local_time",
        "time_zone",
        "direction",
        "source",
        "device",
        "device_sequence",
        "counts",
        "void_reason",
        "voided_by",
        "voided_at",
    ]

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_void_permission(self, request: Any) -> bool:
        """Say whether the member may void punches."""
        return self.has_add_permission(request)

    def get_form(
        self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs |= {"form": NewPunchForm}
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: Any, obj: Any = None) -> list[str]:
        return self.SHOWN if obj else ["employee", "direction", "on", "time"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return self.SHOWN if obj else []

    def add_record(self, request: Any, form: Any) -> Punch:
        punch = record_punch(form.new_punch(), source=Punch.Source.WEB).punch
        assert punch is not None
        return punch

    def words_of(self, punch: Punch) -> str:
        """Say what became of a punch."""
        return _("Voided") if punch.is_voided else _("Counts")

    @display(description=gettext_lazy("time"), ordering="punched_at")
    def local_time(self, punch: Punch) -> str:
        return f"{punch.local:%Y-%m-%d %H:%M:%S}"

    @display(description=gettext_lazy("counts"), boolean=True)
    def counts(self, punch: Punch) -> bool:
        return not punch.is_voided

    @admin.action(
        description=gettext_lazy("Void selected punches"), permissions=["void"]
    )
    def void(self, request: Any, punches: QuerySet[Punch]) -> HttpResponse | None:
        """Ask for the reason, then void."""
        return decide_with_reason(
            request,
            self,
            punches.select_related("employee"),
            lambda punch, reason: void_punch(punch, reason=reason),
            action="void",
            title=_("Void"),
        )
