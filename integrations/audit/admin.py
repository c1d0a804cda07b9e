"""The logs, for reading: what the product wrote, nobody changes."""

from typing import Any

import orjson
from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateTimeFilter

from integrations.audit.events import IntegrationKind
from integrations.audit.models import (
    AuditEvent,
    IntegrationEvent,
    LoggedCall,
    SecurityRecord,
)
from organizations.admin import OrganizationModelAdmin, display
from organizations.security import SecurityKind

STATUS_LABELS = {"2": "success", "3": "info", "4": "warning", "5": "danger"}


class AuditAdmin(OrganizationModelAdmin):
    """A log; searched by the whole of an id, an address or a name, by index or not."""

    read_scope = "audit:read"
    form = ModelForm
    change_form_before_template = None
    list_filter_submit = True
    show_add_link = False
    #: What the box searches, and in which words it says so.
    searched: tuple[str, ...] = ("request_id", "actor_id", "address")
    search_fields = ["request_id"]  # opens the box; see get_search_results

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return flatten(self.fields)

    def get_search_results(
        self, request: Any, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q()
        for name in self.searched:
            found |= Q(**{name: term})
        return queryset.filter(found), False

    @display(description=_("actor"))
    def actor(self, row: Any) -> str:
        return " ".join(filter(None, [row.actor_type, row.actor_id]))


@admin.register(LoggedCall)
class LoggedCallAdmin(AuditAdmin):
    """Every call of the API, as long as it is kept."""

    list_display = [
        "called",
        "occurred_at",
        "answer",
        "duration",
        "credential",
        "address",
    ]
    list_filter = [("occurred_at", RangeDateTimeFilter)]
    searched = (*AuditAdmin.searched, "credential_id", "route")
    search_help_text = _("A request, actor, credential, route or network address")
    fields = [
        ("method", "route"),
        ("occurred_at", "status"),
        "actor",
        ("credential_kind", "credential_id"),
        ("address", "agent"),
        ("duration", "bytes_in", "bytes_out"),
        "request_id",
    ]

    @display(description=_("call"), header=True)
    def called(self, call: LoggedCall) -> list[str]:
        return [f"{call.method} {call.route}", call.request_id]

    @display(description=_("answer"), label=STATUS_LABELS)
    def answer(self, call: LoggedCall) -> tuple[str, str]:
        return str(call.status)[0], str(call.status)

    @display(description=_("duration"))
    def duration(self, call: LoggedCall) -> str:
        return f"{call.duration_us / 1000:.1f} ms"

    @display(description=_("credential"))
    def credential(self, call: LoggedCall) -> str:
        return " ".join(filter(None, [call.credential_kind, call.credential_id]))


class KindFilter(DropdownFilter):  # type: ignore[misc]
    """One of the kinds of a log."""

    title = _("what happened")
    parameter_name = "kind"
    kinds: Any = ()

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.value, kind.value) for kind in self.kinds]

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class SecurityKindFilter(KindFilter):
    kinds = SecurityKind


class IntegrationKindFilter(KindFilter):
    kinds = IntegrationKind


class EventAdmin(AuditAdmin):
    """What both logs of events look like."""

    list_display = ["happened", "occurred_at", "reason", "actor", "address"]
    searched = (*AuditAdmin.searched, "subject")
    search_help_text = _("A request, actor, subject (as user:…) or network address")
    fields = [
        ("kind", "occurred_at"),
        ("subject", "reason"),
        "actor",
        ("address", "request_id"),
        "more",
    ]

    @display(description=_("what happened"), header=True)
    def happened(self, event: AuditEvent) -> list[str]:
        return [event.kind, event.subject]

    @display(description=_("details"))
    def more(self, event: AuditEvent) -> SafeString:
        indented = orjson.dumps(event.details, option=orjson.OPT_INDENT_2).decode()
        return format_html(
            '<pre class="overflow-x-auto whitespace-pre text-xs">{}</pre>', indented
        )


@admin.register(SecurityRecord)
class SecurityRecordAdmin(EventAdmin):
    """What touches security, as it was told."""

    list_filter = [SecurityKindFilter, ("occurred_at", RangeDateTimeFilter)]


@admin.register(IntegrationEvent)
class IntegrationEventAdmin(EventAdmin):
    """What happened with other systems."""

    list_filter = [IntegrationKindFilter, ("occurred_at", RangeDateTimeFilter)]
