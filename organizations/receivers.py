"""Logins and passwords, told as security events.

The address that somebody tried to log in with is not written down where it is nobody's:
people type passwords there.
"""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib.auth.signals import (
    user_logged_in,
    user_logged_out,
    user_login_failed,
)
from django.dispatch import receiver
from django.http import HttpRequest

from organizations.access import acting
from organizations.models import Membership, User
from organizations.security import SecurityKind, tell


@receiver(user_logged_in, dispatch_uid="security-login")
def tell_login(request: HttpRequest | None, user: User, **signal: Any) -> None:
    """Somebody has logged in."""
    _tell_of(SecurityKind.LOGIN_SUCCEEDED, user, request)


@receiver(user_logged_out, dispatch_uid="security-logout")
def tell_logout(request: HttpRequest | None, user: User | None, **signal: Any) -> None:
    """Somebody has logged out; nobody, where the session had ended already."""
    if user is not None:
        _tell_of(SecurityKind.SESSION_ENDED, user, request, reason="logged_out")


@receiver(user_login_failed, dispatch_uid="security-login-failed")
def tell_failed_login(
    credentials: dict[str, Any], request: HttpRequest | None = None, **signal: Any
) -> None:
    """Somebody could not log in; whom they said to be is told if we know them."""
    named = str(credentials.get("email") or credentials.get("username") or "")
    # One query, known or not: the time of an answer tells nothing.
    memberships = list(
        Membership.objects.filter(user__email__iexact=named.replace("\0", ""))
    )
    address = _address(request)
    for membership in memberships:
        tell(
            SecurityKind.LOGIN_FAILED,
            organization_id=membership.organization_id,
            subject=f"user:{membership.user_id}",
            reason="wrong_password",
            address=address,
        )
    if not memberships:
        tell(SecurityKind.LOGIN_FAILED, reason="unknown_user", address=address)


@receiver([password_changed, password_set, password_reset])
def tell_password_change(
    request: HttpRequest | None, user: User, **signal: Any
) -> None:
    """A password is a new one."""
    _tell_of(SecurityKind.PASSWORD_CHANGED, user, request)


def _tell_of(
    kind: SecurityKind, user: User, request: HttpRequest | None, reason: str = ""
) -> None:
    """Tell each organization that the user belongs to; if none, the installation."""
    with acting(None):
        organizations: list[UUID | None] = list(
            user.memberships.values_list("organization_id", flat=True)
        )
    for organization_id in organizations or [None]:
        tell(
            kind,
            organization_id=organization_id,
            actor_type="user",
            actor_id=str(user.pk),
            subject=f"user:{user.pk}",
            reason=reason,
            address=_address(request),
        )


def _address(request: HttpRequest | None) -> str:
    """Return the network address as the brute-force protection counts it."""
    if request is None or not request.META.get("REMOTE_ADDR"):
        return ""
    return str(get_adapter(request).get_client_ip(request))
