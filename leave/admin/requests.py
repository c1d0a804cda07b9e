"""Requests as HR sees them: read here, decided by actions over the services."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
)

from leave.admin.pages import EnterForm, ReasonForm, form_page
from leave.calendar import amount_in_words, plain
from leave.models import LeaveDay, LeaveRequest
from leave.services import (
    approve_leave,
    cancel_leave,
    decline_leave,
    request_leave,
)
from organizations.admin import (
    OrganizationModelAdmin,
    OrganizationTabularInline,
    action,
    display,
    tell_refusal,
)
from organizations.forms import show_broken_rule

LIST = "admin:leave_leaverequest_changelist"
AT_ONCE = 500


class LeaveDayInline(OrganizationTabularInline):
    """The days, frozen when they were asked for."""

    model = LeaveDay
    form = ModelForm  # shown, never sent: it needs no version
    fk_name = "request"
    read_scope = "leave:read_all"
    fields = ["on", "portion", "cost", "why", "is_live"]
    readonly_fields = fields
    can_delete = False
    max_num = 0
    per_page = 31

    @display(description=gettext_lazy("cost"))
    def cost(self, day: LeaveDay) -> str:
        return plain(day.charge)

    @display(description=gettext_lazy("why"))
    def why(self, day: LeaveDay) -> str:
        return day.words


@admin.register(LeaveRequest)
class LeaveRequestAdmin(OrganizationModelAdmin):
    """Nobody edits a request: it is approved, declined or given back."""

    read_scope = "leave:read_all"
    list_display = [
        "employee",
        "leave_type",
        "first_on",
        "last_on",
        "cost",
        "state",
        "decided_by",
    ]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("leave_type", AutocompleteSelectFilter),
        ("employee", AutocompleteSelectFilter),
        ("first_on", RangeDateFilter),
    ]
    list_select_related = ["employee", "leave_type", "decided_by"]
    search_fields = ["employee__last_name", "employee__first_name", "employee__number"]
    readonly_fields = [
        "employee",
        "leave_type",
        "first_on",
        "first_portion",
        "last_on",
        "last_portion",
        "cost",
        "status",
        "note",
        "decided_by",
        "decided_at",
        "decline_reason",
        "cancelled_from",
    ]
    inlines = [LeaveDayInline]
    actions = ["approve", "decline", "give_back"]
    actions_list = ["enter"]

    def has_decide_permission(self, request: Any) -> bool:
        """Say whether the member decides about everybody's leave."""
        may: bool = request.access.allows("leave:approve_all")
        return may

    def has_enter_permission(self, request: Any) -> bool:
        """Say whether the member asks for somebody else."""
        may: bool = request.access.allows("leave:manage")
        return may

    @action(
        description=gettext_lazy("Enter leave for somebody"),
        url_path="enter",
        permissions=["enter"],
        icon="edit_calendar",
    )
    def enter(self, request: Any) -> HttpResponse:
        """Ask in somebody's name, such as for a sickness told by telephone."""
        form = EnterForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    asked = request_leave(**form.cleaned_data)
            except ValidationError as error:
                show_broken_rule(form, error)
            else:
                self.log_addition(request, asked, _("Entered"))
                messages.success(
                    request, _("%(request)s: entered.") % {"request": asked}
                )
                return redirect("admin:leave_leaverequest_change", asked.pk)
        return form_page(
            request,
            self,
            form,
            title=_("Enter leave for somebody"),
            button=_("Enter it"),
            back=reverse(LIST),
            facts=[_("It is pending until their manager or HR decides.")],
        )

    @display(description=gettext_lazy("cost"), ordering="charge")
    def cost(self, leave_request: LeaveRequest) -> str:
        return amount_in_words(leave_request.charge, leave_request.leave_type.unit)

    @display(
        description=gettext_lazy("status"),
        ordering="status",
        label={"pending": "info", "approved": "success", "declined": "danger"},
    )
    def state(self, leave_request: LeaveRequest) -> tuple[str, str]:
        return leave_request.status, leave_request.get_status_display()

    @admin.action(
        description=gettext_lazy("Approve selected requests"), permissions=["decide"]
    )
    def approve(self, request: Any, requests: QuerySet[LeaveRequest]) -> None:
        self._decide(
            request, requests, lambda asked: approve_leave(asked, access=request.access)
        )

    @admin.action(
        description=gettext_lazy("Decline selected requests"), permissions=["decide"]
    )
    def decline(
        self, request: Any, requests: QuerySet[LeaveRequest]
    ) -> HttpResponse | None:
        """Ask for the reason, then decline."""
        form = ReasonForm(request.POST if "answered" in request.POST else None)
        if form.is_bound and form.is_valid():
            reason = form.cleaned_data["reason"]
            self._decide(
                request,
                requests,
                lambda asked: decline_leave(
                    asked, reason=reason, access=request.access
                ),
            )
            return None
        return form_page(
            request,
            self,
            form,
            title=_("Decline"),
            button=_("Decline"),
            back=reverse(LIST),
            facts=[str(asked) for asked in requests.select_related("employee")],
            chosen=list(requests.values_list("pk", flat=True)[:AT_ONCE]),
            action="decline",
            action_checkbox_name=helpers.ACTION_CHECKBOX_NAME,
        )

    @admin.action(
        description=gettext_lazy("Give selected leave back"), permissions=["decide"]
    )
    def give_back(self, request: Any, requests: QuerySet[LeaveRequest]) -> None:
        self._decide(
            request, requests, lambda asked: cancel_leave(asked, access=request.access)
        )

    def _decide(
        self,
        request: Any,
        requests: QuerySet[LeaveRequest],
        take: Callable[[LeaveRequest], LeaveRequest],
    ) -> None:
        """Decide about each separately; each refusal is told with its name."""
        for asked in requests.select_related("employee", "leave_type")[:AT_ONCE]:
            try:
                with transaction.atomic():
                    decided = take(asked)
            except ValidationError as error:
                tell_refusal(request, error, asked)
            except PermissionDenied as error:
                messages.error(request, f"{asked}: {error}")
            else:
                status = decided.get_status_display()
                self.log_change(request, decided, status)
                messages.success(request, f"{decided}: {status}")
