"""How keys come into being: made, or made to take another one's place."""

import datetime as dt
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.api_keys import keys, peppers
from integrations.api_keys.events import API_KEY_ROTATED
from integrations.api_keys.models import ApiKey
from integrations.api_keys.services import rules
from organizations.access import current_access
from organizations.models import Organization, User
from organizations.security import SecurityKind, tell

MAX_OVERLAP = dt.timedelta(days=7)
REPLACED = "replaced"
#: What a new key takes over from the one that it replaces.
TAKEN_OVER = (
    "organization",
    "name",
    "environment",
    "owner",
    "scopes",
    "networks",
    "reach",
    "hourly_quota",
    "starts_at",
    "is_canary",
)


class CreatedKey(NamedTuple):
    """A new key, and the whole text of it, which is shown this once."""

    key: ApiKey
    text: str


@transaction.atomic
def create_key(
    organization: Organization,
    *,
    owner: User | None = None,
    name: str,
    scopes: list[str],
    **settings_of_key: Any,
) -> CreatedKey:
    """Make a key. Its owner is who acts, unless said otherwise.

    Raises:
        ValidationError: for scopes that who acts, or the owner, does not hold, for a
            life longer than the organization wants, for networks that are none.
    """
    owner = owner or rules.owner_behind(current_access())
    if owner is None:
        raise rules.no_owner()
    key = ApiKey(
        organization=organization,
        owner=owner,
        name=name,
        scopes=scopes,
        **settings_of_key,
    )
    return _made(key)


def _made(key: ApiKey) -> CreatedKey:
    made = keys.generate(keys.Environment(key.environment))
    key.key_id = made.key_id
    key.secret_hash = keys.hash_key(made.text, settings.API_KEY_BCRYPT_COST)
    key.secret_tag, key.pepper = peppers.make_tag(made.text)
    key.full_clean()
    rules.refuse_more_than_held(key.scopes, key.owner, key)
    key.expires_at = rules.bounded_end(key)
    key.save()
    tell(
        SecurityKind.TOKEN_CREATED,
        organization_id=key.organization_id,
        subject=f"api_key:{key.key_id}",
        details={"scopes": key.scopes},
    )
    return CreatedKey(key, made.text)


@transaction.atomic
def rotate_key(key: ApiKey, *, overlap: dt.timedelta) -> CreatedKey:
    """Make a key that takes this one's place; this one ends when the overlap is over.

    Only for who holds all that the key may do: the new secret opens it to them.

    Raises:
        ValidationError: for an overlap beyond seven days, for a key that is ended,
            frozen or replaced already, or that may do more than who acts.
    """
    if not dt.timedelta(0) <= overlap <= MAX_OVERLAP:
        raise ValidationError(
            {
                "overlap_seconds": ValidationError(
                    _("From 0 to 604800 seconds, which are seven days."), "overlap"
                )
            }
        )
    old = rules.locked(key)
    _refuse_rotation(old)
    created = _made(_successor(old))
    now = timezone.now()
    old.replaced_by, old.replaced_at = created.key, now
    if overlap and old.state == "active":
        end = now + overlap
        old.expires_at = min(old.expires_at, end) if old.expires_at else end
    else:
        old.revoked_at, old.revocation_reason = now, REPLACED
    old.save_as(API_KEY_ROTATED)
    return created


def _successor(old: ApiKey) -> ApiKey:
    """Return what takes a key's place: the same, to live as long, with what is held."""
    new = ApiKey(**{name: getattr(old, name) for name in TAKEN_OVER})
    held = rules.scopes_of(old.owner, old.organization)
    new.scopes = [scope for scope in old.scopes if scope in held]
    if old.expires_at is not None:
        start = max(old.created_at, old.starts_at or old.created_at)
        end = timezone.now() + (old.expires_at - start)
        latest = rules.longest_end(old.organization, timezone.now())
        new.expires_at = min(end, latest) if latest else end
    return new


def _refuse_rotation(key: ApiKey) -> None:
    rules.refuse_ended(key)
    if key.state == "expired":
        raise ValidationError(_("This key has expired. Make a new one."), code="ended")
    if key.frozen_at is not None:
        raise ValidationError(_("Take this key over first."), code="frozen")
    if key.replaced_by_id is not None:
        raise ValidationError(_("This key is replaced already."), code=REPLACED)
