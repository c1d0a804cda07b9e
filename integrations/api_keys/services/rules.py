"""What every key must keep: nobody gives away more than they hold, nor for longer."""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.api_keys.models import ApiKey, KeyPolicy
from organizations.access import OrganizationAccess, current_access
from organizations.models import Membership, Organization, User
from organizations.roles import ROLE_SCOPES, Role


def set_policy(
    organization: Organization,
    *,
    max_lifetime_days: int | None,
    outlives_password: bool = False,
) -> KeyPolicy:
    """Say what the organization asks of its keys.

    New ones live for so many days at most; None: for ever. Unless they outlive it, they
    freeze when their owner gets another password.

    Raises:
        ValidationError: for a number out of range.
    """
    policy = KeyPolicy.objects.for_organization(organization).first()
    policy = policy or KeyPolicy(organization=organization)
    policy.max_lifetime_days = max_lifetime_days
    policy.outlives_password = outlives_password
    policy.full_clean()
    policy.save()
    return policy


def longest_end(organization: Organization, start: dt.datetime) -> dt.datetime | None:
    """Return when a key that is made now, or begins later, ends at the latest."""
    policy = KeyPolicy.objects.for_organization(organization).first()
    if policy is None or policy.max_lifetime_days is None:
        return None
    return start + dt.timedelta(days=policy.max_lifetime_days)


def bounded_end(key: ApiKey) -> dt.datetime | None:
    """Return when a key ends: as asked for, or as the organization wants at the latest.

    Raises:
        ValidationError: when a later end, or one that is over, was asked for.
    """
    start = max(key.starts_at or timezone.now(), timezone.now())
    latest = longest_end(key.organization, start)
    if key.expires_at is None:
        return latest
    if key.expires_at <= timezone.now():
        raise _wrong("expires_at", _("This moment is over."), "past")
    if latest is not None and key.expires_at > latest:
        raise _wrong(
            "expires_at",
            _("Keys of this organization live %(days)d days at most.")
            % {"days": (latest - start).days},
            "too_long",
        )
    return key.expires_at


def owner_behind(access: OrganizationAccess | None) -> User | None:
    """Return the person who answers for what this access makes: also a key's owner."""
    if access is None:
        return None
    if access.user is not None:
        return access.user
    if access.actor_type != "api_key" or access.actor_id is None:
        return None
    key = ApiKey.objects.filter(pk=access.actor_id).select_related("owner").first()
    return key.owner if key else None


def refuse_more_than_held(scopes: Iterable[str], owner: User, key: ApiKey) -> None:
    """Refuse scopes that who acts does not hold, or that the key's owner does not.

    Raises:
        ValidationError: naming them.
    """
    held = scopes_of(owner, key.organization)
    access = current_access()
    if access is not None and access.actor_type != "system":
        held &= access.scopes
    if beyond := sorted(set(scopes) - held):
        raise _wrong(
            "scopes",
            _("You cannot give away what you do not hold: %(scopes)s.")
            % {"scopes": ", ".join(beyond)},
            "not_held",
        )


def scopes_of(owner: User, organization: Organization) -> frozenset[str]:
    """Return what a member may do; nothing where they are none, or deactivated."""
    role = (
        Membership.objects.for_organization(organization)
        .filter(user=owner, user__is_active=True)
        .values_list("role", flat=True)
        .first()
    )
    return ROLE_SCOPES[Role(role)] if role else frozenset()


def locked(key: ApiKey) -> ApiKey:
    """Return the key as it is now, and let nobody else change it meanwhile."""
    rows = ApiKey.objects.for_organization(key.organization)
    return rows.select_for_update(of=("self",)).get(pk=key.pk)


def refuse_ended(key: ApiKey) -> None:
    """Refuse to change a key that is revoked.

    Raises:
        ValidationError: of the code ``revoked``.
    """
    if key.revoked_at is not None:
        raise ValidationError(_("This key is revoked for good."), code="revoked")


def no_owner() -> ValidationError:
    """Return the error of an access with no person behind it."""
    return ValidationError(_("A key belongs to a person."), code="no_owner")


def _wrong(name: str, message: str, code: str) -> ValidationError:
    return ValidationError({name: ValidationError(message, code)})
