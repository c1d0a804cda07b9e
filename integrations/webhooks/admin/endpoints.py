"""Endpoints: where events go, their secret, shown once, and a test event."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from integrations.audit.events import IntegrationKind
from integrations.webhooks import auditing
from integrations.webhooks.admin.forms import EndpointForm
from integrations.webhooks.models import Delivery, Endpoint
from integrations.webhooks.services import (
    create_endpoint,
    send_test_event,
    update_endpoint,
)
from organizations.admin import (
    OrganizationModelAdmin,
    display,
    tell_refusal,
)
from organizations.encryption import decrypt

ADDRESS = "admin:webhooks_endpoint_change"
SECRET_ADDRESS = "admin:webhooks_endpoint_secret"  # noqa: S105 (a page's name)
#: Where the session notes whose secret its owner has yet to see.
UNSEEN = "webhook-endpoint-unseen"


@admin.register(Endpoint)
class EndpointAdmin(OrganizationModelAdmin):
    """Endpoints are made with a secret, which nobody sees twice."""

    read_scope = "webhooks:read"
    write_scope = "webhooks:manage"
    delete_scope = "webhooks:delete"
    form = EndpointForm
    list_display = ["name", "url", "asks_for", "is_enabled", "updated_at"]
    list_filter = ["is_enabled"]
    search_fields = ["name", "url", "description"]
    fields = ["name", "url", "is_enabled", "description", "events"]
    actions = ["send_test"]
    change_form_outer_before_template = "admin/webhooks/endpoint_buttons.html"

    @display(description=_("events"))
    def asks_for(self, endpoint: Endpoint) -> str:
        shown = ", ".join(endpoint.events[:3])
        more = len(endpoint.events) - 3
        return f"{shown} + {more}" if more > 0 else shown

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        return [
            path(
                "<path:object_id>/secret/",
                guarded(self.secret_view),
                name="webhooks_endpoint_secret",
            ),
            path(
                "<path:object_id>/test/",
                guarded(require_POST(self.test_view)),
                name="webhooks_endpoint_test",
            ),
            *super().get_urls(),
        ]

    def add_record(self, request: Any, form: Any) -> Endpoint:
        created = create_endpoint(request.organization, **form.cleaned_data)
        request.session[UNSEEN] = str(created.endpoint.pk)
        return created.endpoint

    def change_record(self, request: Any, form: Any) -> None:
        answers = form.cleaned_data
        update_endpoint(
            form.instance,
            **{name: answers[name] for name in form.fields if name != "version"},
        )

    def response_add(
        self, request: Any, obj: Endpoint, post_url_continue: str | None = None
    ) -> HttpResponse:
        return redirect(SECRET_ADDRESS, quote(obj.pk))

    def secret_view(self, request: Any, object_id: str) -> HttpResponse:
        """Show a new endpoint's secret, this once, to whoever made it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        endpoint = self.get_own(request, object_id)
        if request.session.pop(UNSEEN, None) != str(endpoint.pk):
            return redirect(ADDRESS, quote(endpoint.pk))
        auditing.tell(IntegrationKind.SECRET_SHOWN, endpoint)
        context = {
            **self.admin_site.each_context(request),
            "title": _("The signing secret of %s") % endpoint,
            "opts": self.opts,
            "endpoint": endpoint,
            "secret": decrypt(endpoint.encrypted_secret),
        }
        return TemplateResponse(request, "admin/webhooks/secret.html", context)

    def get_deleted_objects(
        self, objs: Any, request: Any
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """Count the deliveries that go along: there may be very many."""
        shown = [str(endpoint) for endpoint in objs]
        deliveries = Delivery.objects.filter(endpoint__in=list(objs)).count()
        counts = {
            str(self.opts.verbose_name_plural): len(shown),
            str(Delivery._meta.verbose_name_plural): deliveries,
        }
        return shown, counts, set(), []

    @admin.action(description=_("Send a test event"), permissions=["change"])
    def send_test(self, request: Any, endpoints: QuerySet[Endpoint]) -> None:
        for endpoint in endpoints:
            self._send_test(request, endpoint)

    def test_view(self, request: Any, object_id: str) -> HttpResponse:
        """Send a test event to one endpoint, and go where it can be watched."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        endpoint = self.get_own(request, object_id)
        self._send_test(request, endpoint)
        return redirect(_deliveries_of(endpoint))

    def _send_test(self, request: Any, endpoint: Endpoint) -> None:
        try:
            event = send_test_event(endpoint)
        except ValidationError as error:
            tell_refusal(request, error, endpoint)
        else:
            sent = _("%(endpoint)s: test event %(event)s is on its way.")
            words = {"endpoint": endpoint, "event": event.public_id}
            messages.success(request, sent % words)


def _deliveries_of(endpoint: Endpoint) -> str:
    address = reverse("admin:webhooks_delivery_changelist")
    return f"{address}?endpoint__id__exact={endpoint.pk}"
