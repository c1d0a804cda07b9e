"""The settings of the organization that one works for; no other is shown."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
)

from organizations.admin.base import OrganizationModelAdmin
from organizations.models import Organization


class OrganizationForm(forms.ModelForm):  # type: ignore[type-arg]
    """The work week as days to tick, the time zone as one of those that exist."""

    work_week = forms.MultipleChoiceField(
        label=_("Work week"),
        choices=[(1 << day, name) for day, name in WEEKDAYS.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("The days that people work, unless their schedule says otherwise."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(zone, zone) for zone in sorted(available_timezones())],
        widget=UnfoldAdminSelectWidget,
    )
    locale = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Organization
        fields = ["name", "country", "time_zone", "locale", "work_week"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bits = self.instance.work_week
        self.initial["work_week"] = [1 << day for day in WEEKDAYS if bits & 1 << day]

    def clean_work_week(self) -> int:
        return sum(int(bit) for bit in self.cleaned_data["work_week"])


@admin.register(Organization)
class OrganizationAdmin(OrganizationModelAdmin):
    """One's own organization; organizations are opened and closed elsewhere."""

    read_scope = "organization:read"
    write_scope = "organization:manage"
    form = OrganizationForm
    change_form_before_template = None
    fields = ["name", "slug", "country", "time_zone", "locale", "work_week"]
    readonly_fields = ["slug"]

    def get_queryset(self, request: Any) -> QuerySet[Organization]:
        return Organization.objects.filter(pk=request.organization.pk)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: Any, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go straight to the one there is."""
        return redirect(
            "admin:organizations_organization_change", request.organization.pk
        )
