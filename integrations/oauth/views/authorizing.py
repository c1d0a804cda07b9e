"""Where a person is asked whether an app may act for them."""

import datetime as dt
from collections.abc import Collection
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauthlib.common import Request

from integrations.oauth.identity import read_hint
from integrations.oauth.models import Application, Consent
from integrations.oauth.redirects import ApplicationKind, origin_of
from integrations.oauth.scopes import IDENTITY_SCOPES, in_words
from integrations.oauth.services import give_consent
from integrations.oauth.validation.clients import find_application
from integrations.oauth.views.answering import (
    OAuthError,
    Unfenced,
    answer_app,
    refuse_repeated,
    with_form_target,
)
from organizations.models import Membership, User
from organizations.roles import ROLE_SCOPES, Role

#: Says that the browser comes from a form of ours; see `_leave_the_form`.
FROM_FORM = "from_form"


class UnknownApp(Exception):
    """There is no such app for this person; a stranger's is no different."""


class Asked:
    """A valid request of an app to one of its organization's members."""

    def __init__(self, request: HttpRequest, credentials: dict[str, Any]) -> None:
        """Find the member that is asked.

        Raises:
            UnknownApp: when the person is no member of the app's organization.
        """
        parsed: Request = credentials["request"]
        self.application: Application = parsed.client
        self.credentials = credentials
        self.address: str = credentials["redirect_uri"]
        self.state: str | None = credentials.get("state")
        self.prompt = set((parsed.prompt or "").split())
        self.max_age: str | None = parsed.max_age
        self.hint: str | None = parsed.id_token_hint
        self.membership = _membership(request.user, self.application)
        role_scopes = ROLE_SCOPES[Role(self.membership.role)]
        # No more than the person may: a role that grows later was never asked about.
        may = role_scopes.union(IDENTITY_SCOPES)
        self.scopes = [scope for scope in parsed.scopes if scope in may]

    def is_remembered(self) -> bool:
        """Say whether the member allowed all of this before.

        Nobody can tell one native app from another (RFC 8252, section 8.6): those ask
        each time.
        """
        if "consent" in self.prompt or self.application.kind == ApplicationKind.NATIVE:
            return False
        given = Consent._base_manager.filter(
            application=self.application, membership=self.membership
        ).first()
        return given is not None and set(self.scopes) <= set(given.scopes)

    def refuse(self, error: str) -> HttpResponse:
        """Tell the app that there is no grant, and why."""
        return answer_app(
            self.application, self.address, {"error": error, "state": self.state}
        )


def _membership(user: Any, application: Application) -> Membership:
    found: Membership | None = (
        Membership._base_manager.select_related("user", "organization")
        .filter(user=user, organization=application.organization_id)
        .first()
    )
    if found is None or not found.user.is_active:
        raise UnknownApp
    return found


def authenticated_at(request: HttpRequest) -> dt.datetime:
    """Return when the person last proved who they are."""
    assert isinstance(request.user, User)
    moments = [record["at"] for record in get_authentication_records(request)]
    if moments:
        return dt.datetime.fromtimestamp(max(moments), tz=dt.UTC)
    return request.user.last_login or timezone.now()


class AuthorizeView(Unfenced):
    """``/oauth/authorize/``: asks once, then remembers until an app wants more."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask; or answer at once what was allowed before."""
        if not request.user.is_authenticated and not _is_silent(request):
            return redirect_to_login(_path(request, without={"prompt=login"}))
        if FROM_FORM in request.GET:
            return _leave_the_form(request)
        return self._for(request, self._ask)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the answer. All but the answer is read from the address again."""
        if not request.user.is_authenticated:
            return redirect_to_login(_path(request))
        return self._for(request, self._decide)

    def _for(self, request: HttpRequest, go_on: Any) -> HttpResponse:
        """Read what the app asks for, and go on; or say what is wrong with it."""
        try:
            refuse_repeated(request.GET)
            _scopes, credentials = self._read(request)
            if not request.user.is_authenticated:
                return _answer_silently(credentials, "login_required")
            return self._of_member(request, Asked(request, credentials), go_on)
        except OAuthError as error:
            return _error_page(request, error.description)
        except UnknownApp:
            return _error_page(request, "Invalid client_id parameter value.")
        except FatalClientError as error:
            return _error_page(request, error.oauthlib_error.description or "")
        except OAuthToolkitError as error:
            return self._tell_app(request, error.oauthlib_error)

    def _read(self, request: HttpRequest) -> Any:
        """Validate the address alone: a form's body must not say otherwise.

        Raises:
            OAuthError: when the query cannot be read at all.
            OAuthToolkitError: when what it asks for is refused.
        """
        core = self.get_oauthlib_core()
        reading = HttpRequest()
        reading.method, reading.path = "GET", request.path
        reading.META, reading.GET = request.META, request.GET
        try:
            return core.validate_authorization_request(reading)
        except ValueError as error:
            raise OAuthError("invalid_request", "Unreadable query.") from error

    def _of_member(
        self, request: HttpRequest, asked: Asked, go_on: Any
    ) -> HttpResponse:
        if not asked.scopes:
            return asked.refuse("access_denied")
        if asked.hint and not _is_about(asked.hint, request.user):
            return asked.refuse("login_required")
        if _must_log_in_again(request, asked):
            if "none" in asked.prompt:
                return asked.refuse("login_required")
            return _log_in_again(request)
        response: HttpResponse = go_on(request, asked)
        return response

    def _ask(self, request: HttpRequest, asked: Asked) -> HttpResponse:
        if asked.is_remembered():
            return self._grant(request, asked)
        if "none" in asked.prompt:
            return asked.refuse("consent_required")
        page = render(
            request,
            "oauth/consent.html",
            {
                "application": asked.application,
                "organization": asked.membership.organization,
                "role": Role(asked.membership.role).label,
                "identity": in_words(set(asked.scopes) & set(IDENTITY_SCOPES)),
                "scopes": in_words(set(asked.scopes) - set(IDENTITY_SCOPES)),
                "goes_to": origin_of(asked.address) or asked.address,
                "days": settings.OAUTH_GRANT_DAYS,
            },
        )
        return with_form_target(page, asked.address)

    def _decide(self, request: HttpRequest, asked: Asked) -> HttpResponse:
        if "allow" not in request.POST:
            return asked.refuse("access_denied")
        with transaction.atomic():
            give_consent(asked.application, asked.membership, asked.scopes)
            return self._grant(request, asked)

    def _grant(self, request: HttpRequest, asked: Asked) -> HttpResponse:
        known = {
            name: value
            for name, value in asked.credentials.items()
            if name in {"client_id", "redirect_uri", "response_type", "state"}
        }
        location, _headers, _body, _status = self.create_authorization_response(
            request=request,
            scopes=" ".join(asked.scopes),
            credentials=known
            | {
                "our_membership": asked.membership,
                "our_authenticated_at": authenticated_at(request),
            },
            allow=True,
        )
        response = redirect("/")
        response["Location"] = location
        return response

    def _tell_app(self, request: HttpRequest, error: Any) -> HttpResponse:
        """Tell the app what it did wrong; its address was found to be its own."""
        application = find_application(error.client_id, Request(""))
        if application is None or not error.redirect_uri:
            return _error_page(request, error.description or "")
        return answer_app(application, error.redirect_uri, dict(error.twotuples))


def _is_silent(request: HttpRequest) -> bool:
    return "none" in request.GET.get("prompt", "").split()


def _answer_silently(credentials: dict[str, Any], error: str) -> HttpResponse:
    return answer_app(
        credentials["request"].client,
        credentials["redirect_uri"],
        {"error": error, "state": credentials.get("state")},
    )


def _is_about(hint: str, user: Any) -> bool:
    claims = read_hint(hint)
    return claims is not None and claims.get("sub") == str(user.pk)


def _must_log_in_again(request: HttpRequest, asked: Asked) -> bool:
    """Say whether the app wants a fresh proof of who this is."""
    if "login" in asked.prompt:
        return True
    if asked.max_age is None:
        return False
    if not asked.max_age.isascii() or not asked.max_age.isdigit():
        raise OAuthError("invalid_request", "max_age is a number of seconds.")
    age = timezone.now() - authenticated_at(request)
    return age.total_seconds() > int(asked.max_age)


def _log_in_again(request: HttpRequest) -> HttpResponse:
    """Ask for the password; the app sees by ``auth_time`` that it was."""
    again = urlencode({"next": _path(request, without={"prompt=login"})})
    return redirect(f"{reverse('account_reauthenticate')}?{again}")


def _path(request: HttpRequest, without: Collection[str] = ()) -> str:
    """Return the request's own address, noting that a form leads back to it."""
    pairs = [
        (name, value)
        for name, value in parse_qsl(request.META.get("QUERY_STRING", ""))
        if f"{name}={value}" not in without and name != FROM_FORM
    ]
    return f"{request.path}?{urlencode([*pairs, (FROM_FORM, '1')])}"


def _leave_the_form(request: HttpRequest) -> HttpResponse:
    """Load the same address anew, by the page.

    A login form leads here by redirects, and browsers hold those against the form's
    policy; what a page loads by itself no longer belongs to the form.
    """
    pairs = [
        (name, value)
        for name, values in request.GET.lists()
        for value in values
        if name != FROM_FORM
    ]
    address = f"{request.path}?{urlencode(pairs)}"
    return render(request, "oauth/continue.html", {"address": address})


def _error_page(request: HttpRequest, description: str) -> HttpResponse:
    return render(
        request,
        "oauth/error.html",
        {"description": description},
        status=HTTPStatus.BAD_REQUEST,
    )
