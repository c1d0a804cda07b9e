"""The log of events: what happened, to whom, by whom, and where it was sent."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter

from integrations.webhooks.admin.reading import (
    STATUS_LABELS,
    EventTypeFilter,
    LogAdmin,
    pretty,
    searched_id,
)
from integrations.webhooks.models import Delivery, Event
from organizations.admin import (
    OrganizationTabularInline,
    display,
)


class DeliveryInline(OrganizationTabularInline):
    """To whom an event was sent, and what became of it."""

    model = Delivery
    form = ModelForm
    read_scope = "webhooks:read"
    fields = ["endpoint", "outcome", "attempts", "status_code", "due_at"]
    readonly_fields = fields
    can_delete = False
    max_num = 0
    show_change_link = True
    verbose_name_plural = _("deliveries")

    def get_queryset(self, request: Any) -> QuerySet[Delivery]:
        return super().get_queryset(request).select_related("endpoint")

    @display(description=_("status"), label=STATUS_LABELS)
    def outcome(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display()


@admin.register(Event)
class EventAdmin(LogAdmin):
    """Everything that happened in the days that the log is kept."""

    read_scope = "events:read"
    list_display = ["kind", "occurred_at", "subject", "sequence", "actor"]
    list_filter = [EventTypeFilter, ("occurred_at", RangeDateTimeFilter)]
    search_fields = ["id"]  # opens the box; see get_search_results
    search_help_text = _("The id of an event (evt_…) or of a subject")
    fields = [
        ("type", "occurred_at"),
        ("subject", "sequence"),
        "actor",
        "pretty_body",
    ]
    inlines = [DeliveryInline]

    def get_queryset(self, request: Any) -> QuerySet[Event]:
        events = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("_changelist"):
            return events.defer("body")
        return events

    def get_search_results(
        self, request: Any, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        if not search_term:
            return queryset, False
        wanted = searched_id(search_term)
        if wanted is None:
            return queryset.none(), False
        return queryset.filter(Q(pk=wanted) | Q(subject_id=wanted)), False

    @display(description=_("event"), header=True, ordering="type")
    def kind(self, event: Event) -> list[str]:
        return [event.type, event.public_id]

    @display(description=_("subject"))
    def subject(self, event: Event) -> SafeString:
        address = reverse("admin:webhooks_event_changelist")
        return format_html(
            '{} <a class="underline" href="{}?subject_id={}">{}</a>',
            event.subject_type,
            address,
            event.subject_id,
            event.subject_id,
        )

    @display(description=_("actor"))
    def actor(self, event: Event) -> str:
        return " ".join(filter(None, [event.actor_type, event.actor_id]))

    @display(description=_("body"))
    def pretty_body(self, event: Event) -> SafeString:
        return pretty(event.body)
