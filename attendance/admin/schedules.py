"""Work schedules, a row for each weekday, and who works by them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from attendance.models import ScheduleAssignment, WorkSchedule
from attendance.models.schedules import MOST_BREAK_MINUTES, WEEKDAYS, write_pattern
from attendance.schedule import Hours
from organizations.admin import OrganizationModelAdmin, RecordForm, display

PARTS = ("starts", "ends", "break")


def _time_field(label: Any) -> forms.TimeField:
    widget = UnfoldAdminTextInputWidget(attrs={"type": "time"})
    return forms.TimeField(
        label=label, required=False, input_formats=["%H:%M"], widget=widget
    )


class WorkScheduleForm(RecordForm):
    """The hours of each weekday; a day without hours is free."""

    class Meta:
        model = WorkSchedule
        fields = ["name", "is_default"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, hours in self.instance.rule.items():
            day = WEEKDAYS[number]
            self.initial[f"{day}_starts"] = f"{hours.starts:%H:%M}"
            self.initial[f"{day}_ends"] = f"{hours.ends:%H:%M}"
            self.initial[f"{day}_break"] = hours.break_minutes

    def clean(self) -> dict[str, Any]:
        answer: dict[str, Any] = super().clean() or self.cleaned_data
        pattern = {}
        for number, day in enumerate(WEEKDAYS):
            starts, ends, pause = (answer.get(f"{day}_{part}") for part in PARTS)
            if starts is not None and ends is not None:
                pattern[number] = Hours(starts, ends, pause or 0)
            elif starts is not None or ends is not None:
                lacking = "ends" if ends is None else "starts"
                if f"{day}_{lacking}" not in self.errors:
                    self.add_error(
                        f"{day}_{lacking}",
                        ValidationError(_("Say both, or none."), code="required"),
                    )
        self.instance.pattern = write_pattern(pattern)
        return answer


# A form's fields are declared in its class; seven days of them are declared alike.
for _number, _day in enumerate(WEEKDAYS):
    _name = WEEKDAY_NAMES[_number]
    WorkScheduleForm.base_fields |= {
        f"{_day}_starts": _time_field(
            format_lazy(gettext_lazy("{day} from"), day=_name)
        ),
        f"{_day}_ends": _time_field(format_lazy(gettext_lazy("{day} to"), day=_name)),
        f"{_day}_break": forms.IntegerField(
            label=format_lazy(gettext_lazy("{day}, minutes of break"), day=_name),
            required=False,
            min_value=0,
            max_value=MOST_BREAK_MINUTES,
            widget=UnfoldAdminIntegerFieldWidget,
        ),
    }
    WorkScheduleForm.declared_fields |= {
        f"{_day}_{part}": WorkScheduleForm.base_fields[f"{_day}_{part}"]
        for part in PARTS
    }


@admin.register(WorkSchedule)
class WorkScheduleAdmin(OrganizationModelAdmin):
    """The weeks that people work by."""

    read_scope = "attendance:read_all"
    write_scope = "attendance:manage"
    delete_scope = "attendance:delete"
    compressed_fields = False  # three fields in a row need their labels above them
    form = WorkScheduleForm
    list_display = ["name", "is_default", "days", "people"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": [("name", "is_default")]}),
        (
            gettext_lazy("Hours"),
            {
                "fields": [
                    tuple(f"{day}_{part}" for part in PARTS) for day in WEEKDAYS
                ],
                "description": gettext_lazy(
                    "Local time of where the person works. A day without hours is "
                    "free; hours that end earlier than they start end on the next day."
                ),
            },
        ),
    ]

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("_changelist"):
            people = Count("assignments__employee", distinct=True)
            rows = rows.annotate(people_count=people)
        return rows

    @display(description=gettext_lazy("days"))
    def days(self, schedule: WorkSchedule) -> str:
        return ", ".join(
            f"{WEEKDAY_NAMES[number]} {hours.starts:%H:%M}-{hours.ends:%H:%M}"
            for number, hours in schedule.rule.items()
        )

    @display(description=gettext_lazy("people"), ordering="people_count")
    def people(self, schedule: Any) -> int:
        count: int = schedule.people_count
        return count


@admin.register(ScheduleAssignment)
class ScheduleAssignmentAdmin(OrganizationModelAdmin):
    """Who works by which schedule, from when on."""

    read_scope = "attendance:read_all"
    write_scope = "attendance:manage"
    delete_scope = "attendance:delete"
    list_display = ["employee", "schedule", "effective_on"]
    list_filter = [
        ("schedule", AutocompleteSelectFilter),
        ("employee", AutocompleteSelectFilter),
    ]
    list_select_related = ["employee", "schedule"]
    search_fields = ["employee__last_name", "employee__first_name", "employee__number"]
    autocomplete_fields = ["employee", "schedule"]
    fields = ["employee", "schedule", "effective_on"]
