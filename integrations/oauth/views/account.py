"""The apps that a member has let in, and how to shut them out."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from integrations.oauth.models import Consent
from integrations.oauth.scopes import in_words
from integrations.oauth.services import withdraw_consent
from organizations.decorators import scope_required


def _own_consents(request: Any) -> Any:
    return Consent.objects.filter(membership__user=request.user)


@scope_required("organization:read")
@require_safe
def apps(request: Any) -> HttpResponse:
    """List the apps with access to the member's data, the newest first."""
    of_member = Q(application__grants__user=request.user)
    consents = (
        _own_consents(request)
        .select_related("application__owner")
        .annotate(used_at=Max("application__grants__refreshed_at", filter=of_member))
        .order_by("-given_at")
    )
    shown = [
        {
            "application": consent.application,
            "given_at": consent.given_at,
            "used_at": consent.used_at,
            "scopes": [words for _scope, words in in_words(consent.scopes)],
        }
        for consent in consents
    ]
    return render(request, "oauth/apps.html", {"apps": shown})


@scope_required("organization:read")
@require_POST
def withdraw(request: Any, application_id: UUID) -> HttpResponse:
    """Shut an app out; whatever it holds of the member opens nothing any more."""
    consent = get_object_or_404(
        _own_consents(request).select_related("application"),
        application=application_id,
    )
    withdraw_consent(consent.application, request.user)
    told = _("%(app)s has no access to your data any more.")
    messages.success(request, told % {"app": consent.application})
    return redirect("oauth:apps")
