"""Logging out of us because one logged out of an app (RP-Initiated Logout 1.0)."""

from http import HTTPStatus
from typing import Any, NamedTuple

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from oauth2_provider.http import OAuth2ResponseRedirect
from oauthlib.common import Request, add_params_to_uri

from integrations.oauth.identity import read_hint
from integrations.oauth.issuing import end_grants
from integrations.oauth.models import Application
from integrations.oauth.validation.clients import find_application
from integrations.oauth.views.answering import (
    OAuthError,
    Unfenced,
    refuse_repeated,
    with_form_target,
)
from organizations.security import SecurityKind


class Wanted(NamedTuple):
    """A valid wish to log out."""

    application: Application | None
    subject: str | None
    address: str | None
    state: str


def read_wish(parameters: Any) -> Wanted:
    """Read what an app says about a person who logs out of it.

    Raises:
        OAuthError: for a token that we did not sign, an app that is not the token's,
            and an address that is not the app's.
    """
    refuse_repeated(parameters)
    hint = parameters.get("id_token_hint")
    claims = read_hint(hint) if hint else {}
    if claims is None:
        raise OAuthError("invalid_request", "This id_token_hint is not ours.")
    named = parameters.get("client_id") or claims.get("aud")
    if claims and named != claims.get("aud"):
        raise OAuthError("invalid_request", "The id_token_hint is another app's.")
    application = find_application(named, Request(""))
    address = parameters.get("post_logout_redirect_uri") or None
    if address and not (
        application and application.post_logout_redirect_uri_allowed(address)
    ):
        raise OAuthError("invalid_request", "This address is not the app's.")
    return Wanted(
        application, claims.get("sub"), address, parameters.get("state") or ""
    )


@method_decorator(csrf_exempt, name="dispatch")
class LogoutView(Unfenced):
    """``/oauth/logout/``: at once when the app proves whom it means, else it asks."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Log out who is meant, or ask."""
        return self._begin(request, request.GET)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the person's answer; or an app's own form, which is asked about."""
        if "confirm" in request.POST:
            confirmed: HttpResponse = csrf_protect(self._confirm)(request)
            return confirmed
        return self._begin(request, request.POST)

    def _begin(self, request: HttpRequest, parameters: Any) -> HttpResponse:
        try:
            wanted = read_wish(parameters)
        except OAuthError as error:
            return _error_page(request, error)
        is_meant = wanted.subject == str(request.user.pk)
        if is_meant or not request.user.is_authenticated:
            return self._log_out(request, wanted)
        page = render(
            request,
            "oauth/logout.html",
            {"application": wanted.application, "parameters": _kept(parameters)},
        )
        return with_form_target(page, wanted.address)

    def _confirm(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._log_out(request, read_wish(request.POST))
        except OAuthError as error:
            return _error_page(request, error)

    def _log_out(self, request: HttpRequest, wanted: Wanted) -> HttpResponse:
        """End the session, and what the app was granted by this person."""
        if request.user.is_authenticated:
            if wanted.application is not None:
                end_grants(
                    "logged_out",
                    SecurityKind.TOKEN_REVOKED,
                    application=wanted.application,
                    user=request.user,
                )
            logout(request)
        if wanted.address is None or wanted.application is None:
            return redirect("account_login")
        pairs = [("state", wanted.state)] if wanted.state else []
        response: HttpResponse = OAuth2ResponseRedirect(
            add_params_to_uri(wanted.address, pairs),
            wanted.application.get_allowed_schemes(),
        )
        return response


def _kept(parameters: Any) -> list[tuple[str, str]]:
    names = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
    return [(name, parameters[name]) for name in names if parameters.get(name)]


def _error_page(request: HttpRequest, error: OAuthError) -> HttpResponse:
    return render(
        request,
        "oauth/error.html",
        {"description": error.description},
        status=HTTPStatus.BAD_REQUEST,
    )
