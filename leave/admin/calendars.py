"""Holiday calendars, with the import of public holidays, and work weeks."""

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter

from leave.admin.pages import YearForm, form_page, this_year
from leave.calendar import Portion, plain
from leave.models import Holiday, HolidayCalendar, WorkWeek
from leave.services import (
    HolidayPlan,
    import_holidays,
    plan_holidays,
    remove_holiday,
    save_holiday,
)
from organizations.admin import (
    OrganizationModelAdmin,
    OrganizationTabularInline,
    action,
    display,
    tell_refusal,
)

CHANGE = "admin:leave_holidaycalendar_change"


class HolidayInline(OrganizationTabularInline):
    """The days of a calendar; each is changed on its own page."""

    model = Holiday
    form = ModelForm  # shown, never sent: it needs no version
    read_scope = "leave:read"
    fields = ["on", "name", "portion", "source"]
    readonly_fields = fields
    ordering = ["-on"]
    can_delete = False
    show_change_link = True
    max_num = 0
    per_page = 30


@admin.register(HolidayCalendar)
class HolidayCalendarAdmin(OrganizationModelAdmin):
    read_scope = "leave:read"
    write_scope = "leave:manage"
    delete_scope = "leave:delete"
    list_display = ["name", "location", "country", "subdivision", "days"]
    list_select_related = ["location"]
    search_fields = ["name", "country", "location__name"]
    autocomplete_fields = ["location"]
    fields = [("name", "location"), ("country", "subdivision")]
    inlines = [HolidayInline]
    actions_detail = ["import_year"]

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("_changelist"):
            rows = rows.annotate(day_count=Count("holidays"))
        return rows

    @display(description=gettext_lazy("days"))
    def days(self, calendar: Any) -> int:
        count: int = calendar.day_count
        return count

    @action(
        description=gettext_lazy("Import public holidays"),
        url_path="import",
        permissions=["change"],
        icon="event_upcoming",
    )
    def import_year(self, request: Any, object_id: str) -> HttpResponse:
        """Show what a year's public holidays would change; then change it."""
        calendar = self.get_own(request, object_id)
        asked = request.POST or {"year": request.GET.get("year", this_year())}
        form = YearForm(asked)
        plan = None
        if form.is_valid():
            year = form.cleaned_data["year"]
            try:
                with transaction.atomic():
                    if "import" in request.POST:
                        _tell(request, import_holidays(calendar, year))
                        return redirect(CHANGE, calendar.pk)
                    plan = plan_holidays(calendar, year)
            except ValidationError as error:
                tell_refusal(request, error, calendar)
                return redirect(CHANGE, calendar.pk)
        return form_page(
            request,
            self,
            form,
            title=_("Public holidays of %(calendar)s") % {"calendar": calendar},
            button=_("Show what would change"),
            back=reverse(CHANGE, args=[calendar.pk]),
            template="admin/leave/holidays.html",
            plan=plan,
        )


def _tell(request: Any, plan: HolidayPlan) -> None:
    count = len(plan.days)
    messages.success(
        request,
        ngettext("%(count)d day changed.", "%(count)d days changed.", count)
        % {"count": count},
    )


class HolidayForm(ModelForm):  # type: ignore[type-arg]
    """A day; its organization is known before it is validated."""

    organization: Any

    class Meta:
        model = Holiday
        fields = ["calendar", "on", "name", "portion"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.instance.organization = self.organization

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"organization"}


@admin.register(Holiday)
class HolidayAdmin(OrganizationModelAdmin):
    """Days are written by the services, so that their calendar tells of them."""

    read_scope = "leave:read"
    write_scope = "leave:manage"
    delete_scope = "leave:delete"
    form = HolidayForm
    list_display = ["on", "name", "portion", "calendar", "source"]
    list_filter = [("calendar", AutocompleteSelectFilter), ("on", RangeDateFilter)]
    list_select_related = ["calendar"]
    search_fields = ["name"]
    ordering = ["-on", "id"]
    autocomplete_fields = ["calendar"]
    fields = [("calendar", "on"), ("name", "portion")]

    def add_record(self, request: Any, form: Any) -> Holiday:
        return _save_day(form.cleaned_data)

    def change_record(self, request: Any, form: Any) -> None:
        """Change a day; one that moves leaves its old place."""
        if {"on", "calendar"} & set(form.changed_data):
            remove_holiday(Holiday.objects.get(pk=form.instance.pk))
        _save_day(form.cleaned_data)

    def delete_model(self, request: Any, obj: Holiday) -> None:
        remove_holiday(obj)

    def delete_queryset(self, request: Any, queryset: QuerySet[Any]) -> None:
        for holiday in queryset.select_related("calendar"):
            remove_holiday(holiday)


def _save_day(answers: dict[str, Any]) -> Holiday:
    return save_holiday(
        answers["calendar"],
        answers["on"],
        name=answers["name"],
        portion=Portion(answers["portion"]),
    )


@admin.register(WorkWeek)
class WorkWeekAdmin(OrganizationModelAdmin):
    read_scope = "leave:read_all"
    write_scope = "leave:manage"
    delete_scope = "leave:delete"
    list_display = ["whose", "effective_on", "hours"]
    list_select_related = ["employee", "location", "organization"]
    search_fields = ["employee__last_name", "location__name"]
    autocomplete_fields = ["employee", "location"]
    fields = [
        ("employee", "location"),
        "effective_on",
        ("monday", "tuesday"),
        ("wednesday", "thursday"),
        ("friday", "saturday"),
        "sunday",
    ]

    @display(description=gettext_lazy("whose"))
    def whose(self, week: WorkWeek) -> str:
        return str(week.employee or week.location or _("Everybody's"))

    @display(description=gettext_lazy("hours a week"))
    def hours(self, week: WorkWeek) -> str:
        return plain(sum(week.rule.hours, Decimal(0)))
