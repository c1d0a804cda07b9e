"""Who calls the API: a token or a session, and by it one OrganizationAccess."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from organizations import tokens
from organizations.access import OrganizationAccess, enter
from organizations.models import User

Credentials = tuple[User | None, OrganizationAccess]


def _enter(request: Request, access: OrganizationAccess) -> Credentials:
    """Draw the fence; the middleware's block takes it down when the request ends."""
    request._request.access = access  # type: ignore[attr-defined]
    request._request.organization = access.organization  # type: ignore[attr-defined]
    enter(access)
    return access.user, access


def bearer_token(header: str) -> str | None:
    """Return what an ``Authorization`` header of the scheme Bearer holds, else None.

    A scheme is told in any case (RFC 9110, section 11.1). The token is as it was sent,
    but for the spaces between: two headers that a server joined stay one wrong token.
    """
    scheme, _space, token = header.partition(" ")
    return token.strip(" ") if scheme.lower() == "bearer" else None


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer …`` with an access token of ``auth/token/``.

    One query says whether it still holds: its family is not revoked, the user is
    active and a member, the organization open, the password the same.
    """

    def authenticate(self, request: Request) -> Credentials | None:
        token = bearer_token(request.headers.get("Authorization", ""))
        if token is None:
            return None
        try:
            return _enter(request, tokens.access_of(token))
        except tokens.InvalidToken as error:
            raise exceptions.AuthenticationFailed(
                _("This token is not valid, or no longer."), code="invalid_token"
            ) from error

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="People HR"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the pages, with its organization; writes carry a CSRF token."""

    def authenticate(self, request: Request) -> Any:
        user = getattr(request._request, "user", None)
        if user is None or not user.is_active:
            return None
        self.enforce_csrf(request)
        access = getattr(request._request, "access", None)
        if access is None:
            raise exceptions.PermissionDenied(
                _("You are not a member of any organization."), code="no_membership"
            )
        return _enter(request, access)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How OpenAPI calls the token."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "`access` of `POST /api/v1/auth/token/`.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How OpenAPI calls the session."""

    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The session of the pages; writes send `X-CSRFToken`, too.",
        }
