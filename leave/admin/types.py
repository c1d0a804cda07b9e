"""Types of leave, and what each grants a year."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from leave.admin.pages import YearForm, form_page
from leave.models import LeaveType
from leave.services import grant_year
from organizations.admin import (
    OrganizationModelAdmin,
    action,
)

LIST = "admin:leave_leavetype_changelist"


@admin.register(LeaveType)
class LeaveTypeAdmin(OrganizationModelAdmin):
    read_scope = "leave:read"
    write_scope = "leave:manage"
    delete_scope = "leave:delete"
    list_display = [
        "name",
        "unit",
        "yearly_grant",
        "is_limited",
        "is_paid",
        "counts_calendar_days",
        "is_active",
    ]
    list_filter = ["is_active", "unit"]
    search_fields = ["name"]
    fields = [
        ("name", "colour"),
        ("unit", "yearly_grant"),
        ("is_limited", "is_paid"),
        ("counts_calendar_days", "certificate_after_days"),
        "is_active",
    ]
    actions_list = ["grant_a_year"]

    @action(
        description=gettext_lazy("Grant a year"),
        url_path="grant-a-year",
        permissions=["add"],
        icon="redeem",
    )
    def grant_a_year(self, request: Any) -> HttpResponse:
        """Grant everybody what each type grants; who has it already keeps it."""
        form = YearForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            year = form.cleaned_data["year"]
            count = grant_year(request.organization, year)
            messages.success(
                request,
                ngettext(
                    "%(count)d balance was granted for %(year)d.",
                    "%(count)d balances were granted for %(year)d.",
                    count,
                )
                % {"count": count, "year": year},
            )
            return redirect(LIST)
        types = self.get_queryset(request).filter(
            is_active=True, is_limited=True, yearly_grant__gt=0
        )
        return form_page(
            request,
            self,
            form,
            title=_("Grant a year"),
            button=_("Grant it to everybody employed then"),
            back=reverse(LIST),
            facts=[f"{kind}: {kind.yearly_grant} {kind.unit}" for kind in types],
        )
