"""Apps: registered by owners, with a secret that is shown once."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from integrations.oauth.forms import ApplicationForm
from integrations.oauth.models import Application
from integrations.oauth.services import (
    Registered,
    register_application,
    renew_secret,
    take_over_application,
    update_application,
)
from organizations.admin import OrganizationModelAdmin, display, tell_refusal

ADDRESS = "admin:oauth_application_change"


@admin.register(Application)
class ApplicationAdmin(OrganizationModelAdmin):
    """The apps of an organization."""

    read_scope = "apps:read"
    write_scope = "apps:manage"
    form = ApplicationForm
    list_display = ["name", "kind", "client_id", "may", "owner", "is_enabled"]
    list_filter = ["is_enabled", "kind"]
    list_select_related = ["owner"]
    search_fields = ["name", "maker", "client_id"]
    fields = [
        "name",
        "maker",
        "kind",
        "redirect_uris",
        "post_logout_redirect_uris",
        "allowed_scopes",
        "is_enabled",
    ]
    change_form_outer_before_template = "admin/oauth/application_buttons.html"

    @display(description=_("scopes"))
    def may(self, application: Application) -> str:
        return ", ".join(application.allowed_scopes) or "-"

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        """Its kind is decided once; its id and owner are read."""
        return ["kind", "client_id", "owner"] if obj else []

    def get_fields(self, request: Any, obj: Any = None) -> list[str]:
        fields = super().get_fields(request, obj)
        return [*fields, "client_id", "owner"] if obj else fields

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        own = [
            path(
                f"<path:object_id>/{address}/",
                guarded(require_POST(view)),
                name=f"oauth_application_{address.replace('-', '_')}",
            )
            for address, view in (
                ("renew-secret", self.renew_secret_view),
                ("take-over", self.take_over_view),
            )
        ]
        return [*own, *super().get_urls()]

    def add_record(self, request: Any, form: Any) -> Application:
        registered = register_application(
            request.organization, owner=request.user, **form.cleaned_data
        )
        request.registered = registered
        return registered.application

    def change_record(self, request: Any, form: Any) -> None:
        answers = form.cleaned_data
        update_application(
            form.instance,
            **{name: answers[name] for name in form.fields if name != "version"},
        )

    def response_add(
        self, request: Any, obj: Application, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret in the answer itself: it is kept nowhere."""
        if request.registered.secret is None:
            return redirect(ADDRESS, obj.pk)
        return self._show(request, request.registered)

    def renew_secret_view(self, request: Any, object_id: str) -> HttpResponse:
        """Give an app a new secret and show it, this once."""
        application = self._writable(request, object_id)
        try:
            return self._show(request, renew_secret(application))
        except ValidationError as error:
            tell_refusal(request, error, application)
        return redirect(ADDRESS, application.pk)

    def take_over_view(self, request: Any, object_id: str) -> HttpResponse:
        """Answer for an app from now on."""
        application = self._writable(request, object_id)
        try:
            take_over_application(application, request.user)
        except ValidationError as error:
            tell_refusal(request, error, application)
        else:
            told = _("You answer for %(app)s from now on.") % {"app": application}
            messages.success(request, told)
        return redirect(ADDRESS, application.pk)

    def _writable(self, request: Any, object_id: str) -> Application:
        if not self.has_change_permission(request):
            raise PermissionDenied
        application: Application = self.get_own(request, object_id)
        return application

    def _show(self, request: Any, registered: Registered) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("The secret of %s") % registered.application,
            "opts": self.opts,
            "application": registered.application,
            "secret": registered.secret,
        }
        response = TemplateResponse(request, "admin/oauth/secret.html", context)
        response["Cache-Control"] = "no-store"
        return response
