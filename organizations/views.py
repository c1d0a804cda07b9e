"""Choosing the organization one works for."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from organizations.middleware import REMEMBERED_COOKIE, switch_organization

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
