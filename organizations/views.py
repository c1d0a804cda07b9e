"""Choosing the organization one works for; where one is logged in."""

import datetime as dt
from typing import Any
from uuid import UUID

from allauth.usersessions.views import ListUserSessionsView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from organizations import tokens
from organizations.adapters import client_of
from organizations.middleware import REMEMBERED_COOKIE, switch_organization
from organizations.models import TokenFamily

REMEMBERED_FOR = dt.timedelta(days=365)


@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Show the organizations that the person belongs to, or that there is none."""
    return render(
        request, "organizations/choose.html", {"next": request.GET.get("next", "")}
    )


@login_required
@require_POST
def switch(request: Any) -> HttpResponse:
    """Work for another organization from now on, and after the next login as well."""
    try:
        organization_id = UUID(request.POST.get("organization", ""))
    except ValueError:
        organization_id = UUID(int=0)
    if not switch_organization(request, organization_id):
        messages.error(request, _("You are not a member of that organization."))
        return redirect("organizations:choose")
    response = redirect(_safe_address(request, request.POST.get("next", "")))
    response.set_cookie(
        REMEMBERED_COOKIE,
        str(organization_id),
        max_age=REMEMBERED_FOR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _safe_address(request: HttpRequest, address: str) -> str:
    """Return the address if it is one of ours, or else the home page's."""
    ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if ours else settings.LOGIN_REDIRECT_URL


class SessionsView(ListUserSessionsView):  # type: ignore[misc]
    """The library's page of web sessions, with those of the API below."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["api_sessions"] = tokens.sessions_of(self.request.user)
        return context

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """End other sessions of the pages, or the one of the API that is named."""
        named = request.POST.get("api_session")
        if named is None:
            answer: HttpResponse = super().post(request, *args, **kwargs)
            return answer
        families = _named_sessions(request.user, named)
        if tokens.end_sessions(families, client_of(request)):
            messages.success(request, _("That session of the API is over."))
        return redirect("usersessions_list")


def _named_sessions(user: Any, named: str) -> QuerySet[TokenFamily]:
    """Return the session of this id, if it is the person's own."""
    try:
        wanted = UUID(named)
    except ValueError:
        wanted = UUID(int=0)
    return tokens.sessions_of(user).filter(pk=wanted)
