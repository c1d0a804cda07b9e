"""Balances and the ledger: read here, changed by an adjustment with a reason."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from uuid_utils.compat import uuid7

from leave.admin.pages import AdjustmentForm, GrantForm, form_page, this_year
from leave.calendar import amount_in_words, plain, signed
from leave.ledger import figures_of
from leave.models import LeaveAccount, LeaveLedgerEntry
from leave.services import adjust_balance, grant_leave
from organizations.admin import (
    OrganizationModelAdmin,
    OrganizationTabularInline,
    action,
    display,
)
from organizations.forms import show_broken_rule

CHANGE = "admin:leave_leaveaccount_change"
LIST = "admin:leave_leaveaccount_changelist"


class EntryInline(OrganizationTabularInline):
    """The lines of an account."""

    model = LeaveLedgerEntry
    form = ModelForm  # shown, never sent: it needs no version
    read_scope = "leave:read_all"
    fields = [
        "number",
        "kind",
        "change",
        "year",
        "effective_on",
        "reason",
        "posted_at",
        "posted_by",
    ]
    readonly_fields = fields
    ordering = ["-number"]
    can_delete = False
    max_num = 0
    per_page = 30

    @display(description=gettext_lazy("amount"))
    def change(self, entry: LeaveLedgerEntry) -> str:
        return signed(entry.amount)


@admin.register(LeaveAccount)
class LeaveAccountAdmin(OrganizationModelAdmin):
    read_scope = "leave:read_all"
    list_display = [
        "employee",
        "leave_type",
        "granted",
        "taken",
        "pending",
        "available",
    ]
    list_filter = [
        ("leave_type", AutocompleteSelectFilter),
        ("employee", AutocompleteSelectFilter),
    ]
    list_select_related = ["employee", "leave_type"]
    ordering = ["employee__last_name", "employee__first_name", "id"]
    search_fields = ["employee__last_name", "employee__first_name", "employee__number"]
    fields = ["employee", "leave_type", "entry_count"]
    readonly_fields = fields
    inlines = [EntryInline]
    actions_list = ["grant"]
    actions_detail = ["adjust"]

    @display(description=gettext_lazy("granted this year"))
    def granted(self, account: LeaveAccount) -> str:
        return plain(figures_of(account, this_year()).granted)

    @display(description=gettext_lazy("taken or planned"))
    def taken(self, account: LeaveAccount) -> str:
        return plain(figures_of(account, this_year()).taken)

    @display(description=gettext_lazy("pending"))
    def pending(self, account: LeaveAccount) -> str:
        return plain(figures_of(account, this_year()).pending)

    @display(description=gettext_lazy("available"))
    def available(self, account: LeaveAccount) -> str:
        leave_type = account.leave_type
        if not leave_type.is_limited:
            return _("not limited")
        left = figures_of(account, this_year()).available
        return amount_in_words(left, leave_type.unit)

    @action(
        description=gettext_lazy("Grant one person's year"),
        url_path="grant",
        permissions=["adjust"],
        icon="redeem",
    )
    def grant(self, request: Any) -> HttpResponse:
        """Grant somebody what differs from what the type grants everybody."""
        form = GrantForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    account = grant_leave(**form.cleaned_data)
            except ValidationError as error:
                show_broken_rule(form, error)
            else:
                self.log_change(request, account, _("Granted"))
                messages.success(
                    request, _("%(account)s is granted.") % {"account": account}
                )
                return redirect(CHANGE, account.pk)
        return form_page(
            request,
            self,
            form,
            title=_("Grant one person's year"),
            button=_("Grant it"),
            back=reverse(LIST),
            facts=[
                _("A year is granted once; what differs later is an adjustment."),
                _("“Grant a year” leaves whoever was granted something here as it is."),
            ],
        )

    def has_adjust_permission(self, request: Any, obj: Any = None) -> bool:
        may: bool = request.access.allows("leave:manage")
        return may

    @action(
        description=gettext_lazy("Adjust"),
        url_path="adjust",
        permissions=["adjust"],
        icon="exposure",
    )
    def adjust(self, request: Any, object_id: str) -> HttpResponse:
        """Add to or take from a balance, and say why; sent twice, it counts once."""
        account = self.get_own(request, object_id)
        back = reverse(CHANGE, args=[account.pk])
        form = AdjustmentForm(request.POST or None, initial={"key": uuid7()})
        if request.method == "POST" and form.is_valid():
            answers = {**form.cleaned_data, "key": str(form.cleaned_data["key"])}
            try:
                with transaction.atomic():
                    adjust_balance(account.employee, account.leave_type, **answers)
            except ValidationError as error:
                show_broken_rule(form, error)
            else:
                self.log_change(request, account, _("Adjusted"))
                messages.success(request, _("The balance is adjusted."))
                return redirect(back)
        return form_page(
            request,
            self,
            form,
            title=_("Adjust %(account)s") % {"account": account},
            button=_("Adjust the balance"),
            back=back,
        )


@admin.register(LeaveLedgerEntry)
class LeaveLedgerEntryAdmin(OrganizationModelAdmin):
    """Append-only: nothing to change here, ever."""

    form = ModelForm
    read_scope = "leave:read_all"
    list_display = [
        "posted_at",
        "account",
        "kind",
        "change",
        "year",
        "effective_on",
        "reason",
        "posted_by",
    ]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("account", AutocompleteSelectFilter),
        ("posted_at", RangeDateTimeFilter),
    ]
    list_select_related = ["account__employee", "account__leave_type", "posted_by"]
    search_fields = ["account__employee__last_name", "account__employee__number"]
    ordering = ["-posted_at", "-id"]
    fields = [
        "account",
        "number",
        "kind",
        "change",
        "year",
        "effective_on",
        "reason",
        "request",
        "posted_at",
        "posted_by",
    ]
    readonly_fields = fields

    @display(description=gettext_lazy("amount"), ordering="amount")
    def change(self, entry: LeaveLedgerEntry) -> str:
        return signed(entry.amount)
