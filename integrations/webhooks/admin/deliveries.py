"""Deliveries: what became of each, every attempt, and sending again."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter

from integrations.webhooks.admin.reading import (
    STATUS_LABELS,
    EventTypeFilter,
    LogAdmin,
    pretty,
    searched_id,
)
from integrations.webhooks.models import Attempt, Delivery
from integrations.webhooks.retry import MAX_ATTEMPTS
from integrations.webhooks.services import send_again
from organizations.admin import (
    OrganizationTabularInline,
    display,
    tell_refusal,
)


class AttemptInline(OrganizationTabularInline):
    """Every attempt and its answer, the latest first."""

    model = Attempt
    form = ModelForm
    read_scope = "webhooks:read"
    fields = [
        "number",
        "attempted_at",
        "status_code",
        "duration_ms",
        "error",
        "excerpt",
    ]
    readonly_fields = fields
    can_delete = False
    max_num = 0
    verbose_name_plural = _("attempts")


class DeliveredTypeFilter(EventTypeFilter):
    lookup = "event__type"


@admin.register(Delivery)
class DeliveryAdmin(LogAdmin):
    """Whether an event has arrived, and if not, why and when it is tried again."""

    read_scope = "webhooks:read"
    list_display = [
        "event_type",
        "endpoint",
        "outcome",
        "tried",
        "answer",
        "attempted_at",
        "due_at",
    ]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("endpoint", AutocompleteSelectFilter),
        DeliveredTypeFilter,
    ]
    list_select_related = ["event", "endpoint"]
    search_fields = ["event_id"]  # opens the box; see get_search_results
    search_help_text = _("The id of an event (evt_…), a delivery or a subject")
    fields = [
        ("status", "tried"),
        ("endpoint", "event_link"),
        ("answer", "duration_ms"),
        ("attempted_at", "due_at"),
        "error",
        "body",
    ]
    inlines = [AttemptInline]
    actions = ["send_again"]
    change_form_outer_before_template = "admin/webhooks/delivery_buttons.html"

    def get_queryset(self, request: Any) -> QuerySet[Delivery]:
        deliveries = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("_changelist"):
            return deliveries.defer("event__body")
        return deliveries.select_related("event", "endpoint")

    def get_search_results(
        self, request: Any, queryset: QuerySet[Delivery], search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        if not search_term:
            return queryset, False
        wanted = searched_id(search_term)
        if wanted is None:
            return queryset.none(), False
        named = Q(event=wanted) | Q(pk=wanted) | Q(subject_id=wanted)
        return queryset.filter(named), False

    @display(description=_("event"), header=True)
    def event_type(self, delivery: Delivery) -> list[str]:
        return [delivery.event.type, delivery.event.public_id]

    @display(description=_("event"))
    def event_link(self, delivery: Delivery) -> str:
        return f"{delivery.event.type} · {delivery.event.public_id}"

    @display(description=_("status"), ordering="status", label=STATUS_LABELS)
    def outcome(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display()

    @display(description=_("attempts"), ordering="attempts")
    def tried(self, delivery: Delivery) -> str:
        return _("%(made)d of %(most)d") % {
            "made": delivery.attempts,
            "most": max(MAX_ATTEMPTS, delivery.attempts),
        }

    @display(description=_("answer"))
    def answer(self, delivery: Delivery) -> str:
        return str(delivery.status_code or delivery.error or "-")

    @display(description=_("body"))
    def body(self, delivery: Delivery) -> SafeString:
        return pretty(delivery.event.body)

    def get_urls(self) -> list[Any]:
        return [
            path(
                "<path:object_id>/send-again/",
                self.admin_site.admin_view(require_POST(self.send_again_view)),
                name="webhooks_delivery_send_again",
            ),
            *super().get_urls(),
        ]

    def has_send_again_permission(self, request: Any, obj: Any = None) -> bool:
        may: bool = request.access.allows("webhooks:manage")
        return may

    @admin.action(description=_("Send again"), permissions=["send_again"])
    def send_again(self, request: Any, deliveries: QuerySet[Delivery]) -> None:
        for delivery in deliveries:
            self._send_again(request, delivery)

    def send_again_view(self, request: Any, object_id: str) -> HttpResponse:
        """Send one delivery again and show it."""
        if not self.has_send_again_permission(request):
            raise PermissionDenied
        delivery = self.get_own(request, object_id)
        self._send_again(request, delivery)
        return redirect("admin:webhooks_delivery_change", quote(delivery.pk))

    def _send_again(self, request: Any, delivery: Delivery) -> None:
        about = f"{delivery.event.type} → {delivery.endpoint}"
        try:
            with transaction.atomic():
                send_again(delivery)
        except ValidationError as error:
            tell_refusal(request, error, about)
        else:
            sent = _("%s: it is being sent again.") % about
            messages.success(request, sent)
