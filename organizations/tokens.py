"""Tokens of the API: short-lived access, rotated refresh, revocable at once.

JSON Web Tokens (RFC 7519) name a family; the family's row says whether they hold.
Refresh tokens are used once (RFC 9700, section 4.14.2): replay ends the family.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from organizations.access import OrganizationAccess
from organizations.models import Membership, TokenFamily

SignedToken = TypeVar("SignedToken", bound=Token)


class InvalidToken(Exception):
    """The token is not ours, has expired, or was revoked; we do not say which."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client gets: to call with, and to get the next pair with."""

    access: str
    refresh: str
    expires_in: int  # seconds that ``access`` holds


def open_family(membership: Membership) -> TokenPair:
    """Give the first tokens after a login, and forget the member's expired ones."""
    families = TokenFamily._base_manager.filter(membership=membership)
    families.filter(expires_at__lte=timezone.now()).delete()
    family = TokenFamily(
        organization=membership.organization,
        membership=membership,
        refresh_id=uuid4(),
        password_stamp=membership.user.get_session_auth_hash(),
        expires_at=timezone.now() + RefreshToken.lifetime,
    )
    family.save()
    return _pair(family)


def rotate(refresh: str) -> TokenPair:
    """Exchange a refresh token for the next pair; the family's end stays the same.

    Raises:
        InvalidToken: when it does not hold; if it was used before, its family ends.
    """
    token = _read(RefreshToken, refresh)
    with transaction.atomic():
        family = _good_families(token).select_for_update(of=("self",)).first()
        is_newest = (
            family is not None
            and _has_same_password(family)
            and token["jti"] == family.refresh_id.hex
        )
        if family is not None and is_newest:
            family.refresh_id = uuid4()
            family.save(update_fields=["refresh_id"])
            return _pair(family)
    # Outside of the block, so that raising does not undo it.
    _end_family(token)
    raise InvalidToken


def revoke(refresh: str) -> None:
    """End the family of a refresh token: log out.

    Raises:
        InvalidToken: when the token is not ours or has expired.
    """
    _end_family(_read(RefreshToken, refresh))


def access_of(access: str) -> OrganizationAccess:
    """Return what an access token allows now; one query.

    Raises:
        InvalidToken: when it does not hold, or no longer.
    """
    try:
        family = _good_families(_read(AccessToken, access)).get()
    except TokenFamily.DoesNotExist as error:
        raise InvalidToken from error
    if not _has_same_password(family):
        raise InvalidToken
    return OrganizationAccess.of(family.membership)


def _read(kind: type[SignedToken], text: str) -> SignedToken:
    """Verify signature, kind and age."""
    try:
        token = kind(text)  # type: ignore[arg-type]  # simplejwt mistypes its text
        UUID(token["family"])
    except (TokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidToken from error
    return token


def _good_families(token: Token) -> QuerySet[TokenFamily]:
    # Unfenced: the token says which organization the fence will be drawn around.
    return TokenFamily._base_manager.select_related(
        "membership__user", "membership__organization"
    ).filter(
        pk=token["family"],
        expires_at__gt=timezone.now(),
        membership__user__is_active=True,
        organization__closed_at__isnull=True,
    )


def _has_same_password(family: TokenFamily) -> bool:
    return constant_time_compare(
        family.password_stamp, family.membership.user.get_session_auth_hash()
    )


def _end_family(token: Token) -> None:
    TokenFamily._base_manager.filter(pk=token["family"]).delete()


def _pair(family: TokenFamily) -> TokenPair:
    claims = {
        "family": str(family.pk),
        "user": str(family.membership.user_id),
        "organization": str(family.organization_id),
    }
    access, refresh = AccessToken(), RefreshToken()
    access.payload.update(claims)
    refresh.payload.update(
        claims, jti=family.refresh_id.hex, exp=int(family.expires_at.timestamp())
    )
    lifetime: dt.timedelta = AccessToken.lifetime
    return TokenPair(str(access), str(refresh), int(lifetime.total_seconds()))
