"""Where an organization sets its limits, and sees how far it may go."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from integrations.rate_limits.models import Allowance, LimitRule
from integrations.rate_limits.services import delete_rule, save_rule
from organizations.admin import OrganizationModelAdmin, display


@admin.register(LimitRule)
class LimitRuleAdmin(OrganizationModelAdmin):
    """Limits hold within two seconds of being saved, for every key and person."""

    read_scope = "organization:read"
    write_scope = "organization:manage"
    list_display = ["target", "credential", "route", "methods", "rate", "updated_at"]
    list_filter = ["target"]
    search_fields = ["credential", "route"]
    fieldsets = [
        (
            None,
            {
                "fields": [("target", "credential"), ("quota", "window_seconds")],
                "description": _(
                    "It holds within two seconds. What you do not set here is as the "
                    "installation has it: 1,000 requests an hour for each key and "
                    "person, unless its operators chose otherwise. Under “Allowances” "
                    "you see how far you may go."
                ),
            },
        ),
        (_("On one endpoint only"), {"fields": [("route", "methods")]}),
    ]

    @display(description=_("limit"))
    def rate(self, rule: LimitRule) -> str:
        return rule.rate_in_words()

    def add_record(self, request: Any, form: Any) -> LimitRule:
        return save_rule(form.instance)

    def change_record(self, request: Any, form: Any) -> None:
        save_rule(form.instance)

    def delete_model(self, request: Any, obj: LimitRule) -> None:
        delete_rule(obj)

    def delete_queryset(self, request: Any, queryset: QuerySet[LimitRule]) -> None:
        for rule in queryset:
            delete_rule(rule)


@admin.register(Allowance)
class AllowanceAdmin(OrganizationModelAdmin):
    """Set by the installation's operators (``manage.py allow_limit``), shown here."""

    read_scope = "organization:read"
    list_display = ["target", "rate", "updated_at"]
    fields = ["target", "rate"]
    readonly_fields = ["target", "rate"]

    @display(description=_("at most"))
    def rate(self, allowance: Allowance) -> str:
        return allowance.rate_in_words()
