"""Who calls the API by the session of the pages; every way in ends with ``admit``."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from organizations.access import OrganizationAccess, enter
from organizations.models import User

Credentials = tuple[User | None, OrganizationAccess]


def admit(request: Request, access: OrganizationAccess) -> Credentials:
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
        return admit(request, access)
