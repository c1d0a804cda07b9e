"""What becomes of a key: changed, switched off and on, frozen, taken over, ended."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.api_keys.events import (
    API_KEY_ADOPTED,
    API_KEY_DISABLED,
    API_KEY_ENABLED,
    API_KEY_FROZEN,
    API_KEY_REVOKED,
)
from integrations.api_keys.models import ApiKey, KeyPolicy
from integrations.api_keys.services import rules
from organizations.access import current_access
from organizations.models import Organization, User
from organizations.security import SecurityKind, tell


@transaction.atomic
def update_key(key: ApiKey, **changes: Any) -> ApiKey:
    """Change a key's settings; what it may do can be widened by what one holds.

    Raises:
        ValidationError: as ``create_key`` does; for a key that is revoked.
        StaleRecord: when someone else was faster.
    """
    rules.refuse_ended(key)
    before = set(key.scopes)
    for name, value in changes.items():
        setattr(key, name, value)
    key.full_clean()
    if added := set(key.scopes) - before:
        rules.refuse_more_than_held(added, key.owner, key)
    if {"expires_at", "starts_at"} & set(key.changed_fields()):
        key.expires_at = rules.bounded_end(key)
    if changed := key.changed_fields():
        key.save()
        _tell_change(key, "updated", fields=list(changed))
    return key


@transaction.atomic
def disable_key(key: ApiKey) -> ApiKey:
    """Switch a key off, until it is switched on again.

    Raises:
        ValidationError: for a key that is revoked.
    """
    key = rules.locked(key)
    rules.refuse_ended(key)
    if key.is_enabled:
        key.is_enabled = False
        key.save_as(API_KEY_DISABLED)
        _tell_change(key, "disabled")
    return key


@transaction.atomic
def enable_key(key: ApiKey) -> ApiKey:
    """Switch a key on again.

    Raises:
        ValidationError: for a key that is revoked.
    """
    key = rules.locked(key)
    rules.refuse_ended(key)
    if not key.is_enabled:
        key.is_enabled = True
        key.save_as(API_KEY_ENABLED)
        _tell_change(key, "enabled")
    return key


@transaction.atomic
def revoke_key(key: ApiKey, *, reason: str = "") -> ApiKey:
    """End a key for good; doing so twice changes nothing.

    When the outermost transaction is committed and this has returned, no process
    accepts the key any more: see ``docs/decisions/0006``.
    """
    key = rules.locked(key)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.revoked_by = rules.owner_behind(current_access())
        key.revocation_reason = reason
        key.full_clean()
        key.save_as(API_KEY_REVOKED)
        tell(
            SecurityKind.TOKEN_REVOKED,
            organization_id=key.organization_id,
            subject=f"api_key:{key.key_id}",
            reason="revoked",
            details={"said": reason},
        )
    return key


@transaction.atomic
def delete_key(key: ApiKey) -> None:
    """Remove a key that has ended; its events stay.

    Raises:
        ValidationError: for a key that could still be used, or that replaced another
            one which is kept.
    """
    key = rules.locked(key)
    if key.state not in {"revoked", "expired"}:
        raise ValidationError(_("Revoke this key first."), code="alive")
    if key.replaced.exists():
        raise ValidationError(
            _("It took the place of another key. Remove that one first."), code="in_use"
        )
    key.delete()
    tell(
        SecurityKind.TOKEN_DELETED,
        organization_id=key.organization_id,
        subject=f"api_key:{key.key_id}",
    )


@transaction.atomic
def freeze_keys_of(owner: User, organization: Organization | None = None) -> int:
    """Stop the keys of somebody who left an organization, or every one; say how many.

    They stay stopped when the person comes back: somebody looks at each.
    """
    rows = _at_work(owner)
    if organization is not None:
        rows = rows.filter(organization=organization)
    return _freeze(rows)


@transaction.atomic
def freeze_keys_by_password(owner: User) -> int:
    """Stop the keys of somebody who has another password now; say how many.

    Organizations may let their keys outlive it.
    """
    outliving = KeyPolicy._base_manager.filter(outlives_password=True)
    stopped = _at_work(owner).exclude(organization__in=outliving.values("organization"))
    return _freeze(stopped)


def _at_work(owner: User) -> QuerySet[ApiKey]:
    rows: QuerySet[ApiKey] = ApiKey._base_manager.filter(
        owner=owner, frozen_at__isnull=True, revoked_at__isnull=True
    )
    return rows


def _freeze(rows: QuerySet[ApiKey]) -> int:
    frozen = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for key in frozen:
        key.frozen_at = timezone.now()
        key.save_as(API_KEY_FROZEN)
        _tell_change(key, "frozen")
    return len(frozen)


@transaction.atomic
def adopt_key(key: ApiKey, owner: User | None) -> ApiKey:
    """Make a member the owner of a key, also of a frozen one, which works again.

    Raises:
        ValidationError: when the key may do what they, or who acts, may not; when
            there is no person behind who acts.
    """
    if owner is None:
        raise rules.no_owner()
    key = rules.locked(key)
    rules.refuse_ended(key)
    rules.refuse_more_than_held(key.scopes, owner, key)
    if key.owner_id != owner.pk or key.frozen_at is not None:
        key.owner, key.frozen_at = owner, None
        key.save_as(API_KEY_ADOPTED)
        _tell_change(key, "adopted")
    return key


def _tell_change(key: ApiKey, reason: str, **details: object) -> None:
    tell(
        SecurityKind.ACCESS_CHANGED,
        organization_id=key.organization_id,
        subject=f"api_key:{key.key_id}",
        reason=reason,
        details=details,
    )
