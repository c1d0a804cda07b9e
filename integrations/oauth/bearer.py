"""An access token as the API takes it: one query says what it opens now.

Nothing about it is remembered: a person who is switched off, a membership or a role
that changed, an organization that closed, an app that was disabled or allowed less
counts from the next request on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from integrations.oauth.formats import Prefix, digest, is_wellformed
from integrations.oauth.models import AccessToken
from integrations.oauth.scopes import IDENTITY_SCOPES
from organizations.access import Credential, CredentialKind, OrganizationAccess
from organizations.models import Membership
from organizations.roles import ROLE_SCOPES, Role

PREFIX = str(Prefix.ACCESS)


class InvalidToken(Exception):
    """The token is not ours, has expired, or opens nothing now; we do not say which."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token opens, and what its app may know of who the person is."""

    access: OrganizationAccess
    identity_scopes: frozenset[str]


def is_ours(token: str) -> bool:
    """Say whether a bearer token claims to be one of these."""
    return token.startswith(PREFIX)


def access_of(token: str) -> OrganizationAccess:
    """Return what an access token allows now; one query, none for a mistyped one.

    Raises:
        InvalidToken: when it does not hold, or no longer.
    """
    return open_token(token).access


def open_token(token: str) -> Opened:
    """Return all that an access token says now.

    Raises:
        InvalidToken: when it does not hold, or no longer.
    """
    if not is_wellformed(Prefix.ACCESS, token):
        raise InvalidToken
    row: Any = _rows().filter(token_checksum=digest(token)).first()
    if row is None or row.role is None or not _has_same_password(row):
        raise InvalidToken
    return Opened(_access(row), _identity(row))


def _rows() -> QuerySet[AccessToken]:
    """Return the tokens that hold, each with the role that bounds it.

    Unfenced: the token says which organization the fence will be drawn around.
    """
    owners_role = Membership._base_manager.filter(
        organization=OuterRef("organization"),
        user=OuterRef("application__owner"),
        user__is_active=True,
    ).values("role")[:1]
    now = timezone.now()
    of_a_grant = Q(
        grant__ended_at__isnull=True, grant__valid_until__gt=now, user__is_active=True
    )
    holding: QuerySet[AccessToken] = (
        AccessToken._base_manager.select_related("organization", "user")
        .annotate(
            app_name=F("application__name"),
            app_scopes=F("application__allowed_scopes"),
            password_stamp=F("grant__password_stamp"),
            role=Coalesce("grant__membership__role", Subquery(owners_role)),
        )
        .filter(
            of_a_grant | Q(grant__isnull=True),
            expires__gt=now,
            application__is_enabled=True,
            organization__closed_at__isnull=True,
        )
    )
    return holding


def _has_same_password(row: Any) -> bool:
    if row.user is None:
        return True
    return constant_time_compare(row.password_stamp, row.user.get_session_auth_hash())


def _access(row: Any) -> OrganizationAccess:
    role = Role(row.role)
    application_id = str(row.application_id)
    return OrganizationAccess(
        organization=row.organization,
        actor_type="oauth_app" if row.user is None else "user",
        actor_id=application_id if row.user is None else str(row.user_id),
        role=role,
        scopes=_effective(row.scope.split(), row.app_scopes, role),
        user=row.user,
        credential=Credential(CredentialKind.OAUTH, application_id, row.app_name),
    )


def _effective(
    granted: Iterable[str], allowed: Iterable[str], role: Role
) -> frozenset[str]:
    """What was granted, and the app is allowed, and the role holds: now."""
    return ROLE_SCOPES[role].intersection(granted, allowed)


def _identity(row: Any) -> frozenset[str]:
    return frozenset(IDENTITY_SCOPES).intersection(row.scope.split())
