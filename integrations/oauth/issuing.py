"""How tokens come and go: redeemed, refreshed, reused, ended.

A refresh token is used once. The next one follows from it by an HMAC, so that a client
which asks twice at the same moment, or lost the answer, gets the same next token again
within the grace, without a clear text being kept anywhere. Whoever shows a used one
later, or after its successor was used, has stolen it or been stolen from: the grant
ends, and with it every token that descends from it (RFC 9700, section 4.14.2).
"""

import datetime as dt
import hmac

from django.conf import settings
from django.utils import timezone
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import Request

from integrations.oauth.formats import (
    Prefix,
    derive,
    digest,
    generate,
    is_wellformed,
)
from integrations.oauth.models import AccessToken, Application, Grant, RefreshToken
from organizations.models import User
from organizations.security import SecurityKind, tell

#: For two tabs that refresh at once, and for an answer that got lost.
GRACE = dt.timedelta(seconds=10)
PURPOSE = b"people-hr/oauth/next-refresh-token"


def new_access_token(request: Request) -> str:
    """Return the text of a new access token, for the library."""
    return generate(Prefix.ACCESS)


def next_refresh_token(request: Request) -> str:
    """Return the text of a first or of the next refresh token, for the library."""
    used: str | None = request.refresh_token
    return successor_of(used) if used else generate(Prefix.REFRESH)


def successor_of(refresh_token: str) -> str:
    """Return the refresh token that follows from another, as only we can tell."""
    key = hmac.digest(settings.SECRET_KEY.encode(), PURPOSE, "sha256")
    return derive(Prefix.REFRESH, key, refresh_token)


def still_holds(grant: Grant) -> bool:
    """Say whether a grant may still give tokens: person, password and time."""
    user: User = grant.user
    return (
        grant.ended_at is None
        and grant.valid_until > timezone.now()
        and user.is_active
        and hmac.compare_digest(grant.password_stamp, user.get_session_auth_hash())
    )


def find_code(code: str, application: Application) -> Grant | None:
    """Return the grant of a code and keep others from it; None if there is none."""
    if not is_text_of(Prefix.CODE, code):
        return None
    return _locked(code=digest(code), application=application)


def find_refresh_token(
    text: str, application: Application
) -> tuple[Grant, RefreshToken] | None:
    """Return a refresh token with its grant, and keep others from them."""
    checksum = digest(text)
    grant = _locked(refresh_tokens__token_checksum=checksum, application=application)
    if grant is None:
        return None
    # Read after the lock: who came first has written by now.
    token = RefreshToken._base_manager.get(grant=grant, token_checksum=checksum)
    return grant, token


def is_text_of(prefix: Prefix, text: object) -> bool:
    """Say whether this can be a token of ours of one kind."""
    return isinstance(text, str) and is_wellformed(prefix, text)


def may_be_repeated(grant: Grant, used: RefreshToken, text: str) -> bool:
    """Say whether showing a used refresh token again is an honest race."""
    assert used.used_at is not None
    if used.used_at <= timezone.now() - GRACE:
        return False
    is_successor_unused: bool = RefreshToken._base_manager.filter(
        grant=grant, token_checksum=digest(successor_of(text)), used_at__isnull=True
    ).exists()
    return is_successor_unused


def keep_access_token(
    text: str, *, application: Application, grant: Grant | None, scope: str
) -> AccessToken:
    """Store a new access token: its digest."""
    lifetime = dt.timedelta(seconds=oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS)
    expires = timezone.now() + lifetime
    kept: AccessToken = AccessToken._base_manager.create(
        organization_id=application.organization_id,
        application=application,
        grant=grant,
        user=grant and grant.user,
        token_checksum=digest(text),
        scope=scope,
        expires=min(expires, grant.valid_until) if grant else expires,
    )
    return kept


def keep_refresh_token(text: str, grant: Grant) -> None:
    """Store a new refresh token: its digest. The same one is stored once."""
    RefreshToken._base_manager.get_or_create(
        token_checksum=digest(text),
        defaults={
            "organization_id": grant.organization_id,
            "application_id": grant.application_id,
            "grant": grant,
            "user_id": grant.user_id,
        },
    )


def mark_used(token: RefreshToken) -> None:
    """Note that a refresh token was exchanged; the first time counts."""
    RefreshToken._base_manager.filter(pk=token.pk, used_at__isnull=True).update(
        used_at=timezone.now()
    )


def end_grants(reason: str, kind: SecurityKind, **which: object) -> int:
    """End grants, and by it all of their tokens, at once; return how many.

    One UPDATE, which waits for whoever is just issuing: what comes of that is dead.
    """
    ending = Grant._base_manager.filter(**which, ended_at__isnull=True)
    told = list(ending.values_list("organization_id", "application_id", "user_id"))
    ended: int = ending.update(ended_at=timezone.now())
    for organization_id, application_id, user_id in told:
        tell(
            kind,
            organization_id=organization_id,
            actor_type="user",
            actor_id=str(user_id),
            subject=f"oauth_app:{application_id}",
            reason=reason,
        )
    return ended


def _locked(**which: object) -> Grant | None:
    found: Grant | None = (
        Grant._base_manager.select_for_update(of=("self",))
        .select_related("user")
        .filter(**which)
        .first()
    )
    return found
