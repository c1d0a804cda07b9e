"""Sessions of the API: short-lived access, rotated refresh, revocable at once.

Tokens name a family; the family's row says whether they hold. A refresh token is used
once (RFC 9700, section 4.14.2): replay ends the family.
"""

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from organizations.models import Membership, SigningKey, TokenFamily
from organizations.security import SecurityKind, tell
from organizations.tokens.errors import InvalidToken
from organizations.tokens.signing import (
    AccessToken,
    Claims,
    RefreshToken,
    read_refresh,
)

#: For so long the refresh token before the newest gets the newest again: two requests
#: of one client may overlap, and an answer may be lost on its way.
GRACE = dt.timedelta(seconds=10)
#: So many sessions a member has at most; the one unused for longest gives way.
MAX_SESSIONS = 100


#: What a rotation writes.
ROTATED = (
    "refresh_digest",
    "previous_digest",
    "rotated_at",
    "last_used_at",
    "address",
    "agent",
)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client gets: to call with, and to get the next pair with."""

    access: str
    refresh: str
    expires_in: int  # seconds that ``access`` holds
    refresh_expires_in: int  # seconds until the session ends, whatever is refreshed
    organization_id: UUID  # that they open; told by their claims

    def shown(self) -> dict[str, str | int]:
        """Return the pair as the client gets it."""
        return {
            "access": self.access,
            "refresh": self.refresh,
            "expires_in": self.expires_in,
            "refresh_expires_in": self.refresh_expires_in,
        }


@dataclass(frozen=True, slots=True)
class Client:
    """From where tokens are asked for: the IP address, and what the program says."""

    address: str | None = None
    agent: str = ""


NOBODY = Client()


def open_family(membership: Membership, client: Client = NOBODY) -> TokenPair:
    """Give the first tokens after a login, and forget the member's expired ones.

    ``membership.user`` is as its password was checked.

    Raises:
        InvalidToken: when the membership has ended meanwhile.
    """
    now = timezone.now()
    token_id = uuid4().hex
    with transaction.atomic():
        locked = Membership._base_manager.select_for_update(of=("self",), no_key=True)
        if not locked.filter(pk=membership.pk).exists():
            raise InvalidToken
        _make_room(membership, now)
        family = TokenFamily(
            organization=membership.organization,
            membership=membership,
            refresh_digest=_digest(token_id),
            rotated_at=now,
            password_stamp=membership.user.get_session_auth_hash(),
            created_at=now,
            expires_at=now + RefreshToken.lifetime,
        )
        _note_use(family, client, now)
        family.save(force_insert=True)
        _tell(SecurityKind.TOKEN_CREATED, family, client)
    return _pair(family, token_id)


def rotate(refresh: str, client: Client = NOBODY) -> TokenPair:
    """Exchange a refresh token for the next pair; the family's end stays the same.

    Raises:
        InvalidToken: when it does not hold; if it was used before, its family ends.
    """
    claims = read_refresh(refresh)
    with transaction.atomic():
        # Twenty at once wait for each other here; see GRACE.
        family = _good_families(claims).select_for_update(of=("self",)).first()
        if family is None or not _has_same_password(family):
            reason, kind = "login_ended", SecurityKind.TOKEN_REVOKED
        elif token_id := _successor(family, claims.token_id):
            _note_use(family, client, timezone.now())
            family.save(update_fields=ROTATED)
            return _pair(family, token_id)
        else:
            reason, kind = "reused", SecurityKind.TOKEN_REUSED
    # Outside of the block, so that raising does not undo it.
    _end(claims, client, kind, reason)
    raise InvalidToken


def revoke(refresh: str, client: Client = NOBODY) -> None:
    """End the family of a refresh token, newest or not: log out.

    Raises:
        InvalidToken: when the token is not ours or has expired.
    """
    _end(read_refresh(refresh), client, SecurityKind.TOKEN_REVOKED, "logged_out")


def end_expired_families() -> int:
    """Delete the rows of sessions that are past; return how many."""
    past = TokenFamily._base_manager.filter(expires_at__lte=timezone.now())
    return past.delete()[0]


def _good_families(claims: Claims) -> QuerySet[TokenFamily]:
    """Return the family that a token names, if everything about it is good now.

    All but the password: see :func:`_has_same_password`.
    """
    # Unfenced: the token says which organization the fence will be drawn around.
    return TokenFamily._base_manager.select_related(
        "membership__user", "membership__organization"
    ).filter(
        Exists(SigningKey.objects.filter(key_id=claims.key_id)),
        pk=claims.family_id,
        organization_id=claims.organization_id,
        expires_at__gt=timezone.now(),
        membership__user_id=claims.user_id,
        membership__user__is_active=True,
        organization__closed_at__isnull=True,
    )


def _has_same_password(family: TokenFamily) -> bool:
    """Say whether the password is the one that the family was opened with."""
    return constant_time_compare(
        family.password_stamp, family.membership.user.get_session_auth_hash()
    )


def _successor(family: TokenFamily, token_id: str) -> str | None:
    """Return the id of the token that follows this one, None when it was used before.

    The next id is computed from the one that is shown, so that whoever shows it again
    in time gets the same, and the database holds nothing to make it from.
    """
    now = timezone.now()
    digest, next_id = _digest(token_id), _next_id(token_id)
    if hmac.compare_digest(digest, family.refresh_digest):
        family.previous_digest = digest
        family.refresh_digest = _digest(next_id)
        family.rotated_at = now
        return next_id
    is_previous = hmac.compare_digest(digest, family.previous_digest)
    if is_previous and now < family.rotated_at + GRACE:
        return next_id
    return None


def _digest(token_id: str) -> str:
    return hashlib.sha256(token_id.encode()).hexdigest()


def _next_id(token_id: str) -> str:
    salt = "organizations.tokens.next"
    return salted_hmac(salt, token_id, algorithm="sha256").hexdigest()


def _pair(family: TokenFamily, token_id: str) -> TokenPair:
    claims = {
        "sub": str(family.membership.user_id),
        "org": str(family.organization_id),
        "sid": str(family.pk),
    }
    access, refresh = AccessToken(), RefreshToken()
    end = int(family.expires_at.timestamp())
    access.payload.update(claims, exp=min(access["exp"], end))
    refresh.payload.update(
        claims, jti=token_id, iat=int(family.rotated_at.timestamp()), exp=end
    )
    return TokenPair(
        str(access),
        str(refresh),
        expires_in=access["exp"] - access["iat"],
        refresh_expires_in=end - access["iat"],
        organization_id=family.organization_id,
    )


def _note_use(family: TokenFamily, client: Client, now: dt.datetime) -> None:
    family.last_used_at = now
    if client != NOBODY:
        family.address = client.address
        family.agent = client.agent.replace("\0", "")[:200]


def _make_room(membership: Membership, now: dt.datetime) -> None:
    """Forget what has expired, and what is unused for longest if there are too many."""
    families = TokenFamily._base_manager.filter(membership=membership)
    families.filter(expires_at__lte=now).delete()
    surplus = families.order_by("-last_used_at").values("pk")[MAX_SESSIONS - 1 :]
    families.filter(pk__in=list(surplus.values_list("pk", flat=True))).delete()


def _end(claims: Claims, client: Client, kind: SecurityKind, reason: str) -> None:
    family = TokenFamily(
        pk=claims.family_id,
        organization_id=claims.organization_id,
        membership=Membership(user_id=claims.user_id),
    )
    end_family(family, client, kind, reason)


def end_family(
    family: TokenFamily,
    client: Client = NOBODY,
    kind: SecurityKind = SecurityKind.TOKEN_REVOKED,
    reason: str = "ended",
) -> bool:
    """End a session, and with it every token; return whether it was there."""
    rows = TokenFamily._base_manager.filter(
        pk=family.pk, organization_id=family.organization_id
    )
    with transaction.atomic():
        is_gone = bool(rows.delete()[0])
        if is_gone:
            _tell(kind, family, client, reason)
    return is_gone


def _tell(
    kind: SecurityKind, family: TokenFamily, client: Client, reason: str = ""
) -> None:
    tell(
        kind,
        organization_id=family.organization_id,
        actor_type="user",
        actor_id=str(family.membership.user_id),
        subject=f"session:{family.pk}",
        reason=reason,
        address=client.address or "",
    )
