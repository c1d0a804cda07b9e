"""For whom a request acts, and what its page may load."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.usersessions.middleware import UserSessionsMiddleware
from csp.constants import HEADER, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from organizations.access import (
    Credential,
    CredentialKind,
    OrganizationAccess,
    acting,
)
from organizations.models import Membership, Organization, User
from organizations.services import memberships_of

SESSION_KEY = "organization"
#: The organization chosen last, kept over logins: a wish, which membership decides.
REMEMBERED_COOKIE = "organization"


class OrganizationRequest(HttpRequest):
    """A request of a member: what the middleware adds, for type checkers."""

    user: User
    access: OrganizationAccess
    organization: Organization


def membership_of(user: User, wanted: object) -> Membership | None:
    """Return the membership in the wanted organization, or else the first one.

    Closed organizations do not count.
    """
    memberships = list(memberships_of(user))
    chosen = [m for m in memberships if str(m.organization_id) == str(wanted)]
    return next(iter(chosen or memberships), None)


class OrganizationMiddleware:
    """Set ``request.access`` and ``request.organization`` and draw the fence.

    Both are None for strangers and for users without a membership. Whatever happens
    inside, the fence is taken down when the request ends.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.access = self._access(request)
        request.organization = request.access and request.access.organization
        with acting(request.access):
            if request.organization is None:
                return self.get_response(request)
            with timezone.override(request.organization.zone):
                return self.get_response(request)

    def _access(self, request: HttpRequest) -> OrganizationAccess | None:
        if not request.user.is_authenticated:
            return None
        wanted = request.session.get(SESSION_KEY) or request.COOKIES.get(
            REMEMBERED_COOKIE
        )
        membership = membership_of(request.user, wanted)
        if membership is None:
            return None
        membership.user = request.user
        return OrganizationAccess.of(membership, _session_of(request))


def _session_of(request: HttpRequest) -> Credential:
    """Name the session for logs; its key would let readers of logs in."""
    key = request.session.session_key or ""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return Credential(CredentialKind.SESSION, digest[:16])


def switch_organization(request: HttpRequest, organization_id: UUID) -> bool:
    """Act for another organization from the next request on; False if no member."""
    assert request.user.is_authenticated
    membership = membership_of(request.user, organization_id)
    if membership is None or membership.organization_id != organization_id:
        return False
    request.session[SESSION_KEY] = str(organization_id)
    return True


#: The admin theme evaluates Alpine's expressions and sets styles. Even so it may load
#: nothing from elsewhere. (Swagger UI and the API's pages live under the strict one.)
LOOSER_POLICIES: tuple[tuple[str, dict[str, list[str]]], ...] = (
    (
        "/admin/",
        {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]},
    ),
)


#: Answers of the API, whoever opens them in a browser.
NOTHING = "default-src 'none'; frame-ancestors 'none'"
NO_PAGES = frozenset({"application/json", "application/problem+json"})

#: How long a session that was just seen is not written down again.
SEEN_SECONDS = 300


class SessionActivity(UserSessionsMiddleware):  # type: ignore[misc]
    """Note when and from where a session was last used, once in five minutes.

    The library's own would write a row for every page. A new address or browser is
    noted at once.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if not key or not request.user.is_authenticated or self._was_seen(request):
            response: HttpResponse = self.get_response(request)
            return response
        noted: HttpResponse = super().__call__(request)
        return noted

    def _was_seen(self, request: HttpRequest) -> bool:
        client = (
            request.session.session_key,
            request.META.get("REMOTE_ADDR", ""),
            request.META.get("HTTP_X_FORWARDED_FOR", ""),
            request.META.get("HTTP_USER_AGENT", ""),
        )
        mark = hashlib.sha256("\n".join(map(str, client)).encode()).hexdigest()
        return not cache.add(f"session-seen:{mark}", 1, SEEN_SECONDS)


class ContentSecurityPolicy(CSPMiddleware):
    """The strict policy of our pages, and the looser one of the admin theme.

    What is no page loads nothing at all, and takes no putting together.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.headers.get("Content-Type") not in NO_PAGES:
            policed: HttpResponseBase = super().process_response(request, response)
            return policed
        response.headers.setdefault(
            HEADER, "default-src 'none'; frame-ancestors 'none'"
        )
        return response

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        for prefix, directives in LOOSER_POLICIES:
            if request.path.startswith(prefix):
                parts.replace = {**(parts.replace or {}), **directives}
        return parts
