"""Saying which pages may call the API; every process knows within two seconds."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from integrations.gateway import cors
from integrations.gateway.models import AllowedOrigin
from organizations.models import Organization
from organizations.security import SecurityKind, tell

#: How many origins an organization lists at most.
MOST_ORIGINS = 100


@transaction.atomic
def save_origin(allowed: AllowedOrigin) -> AllowedOrigin:
    """Allow an origin, or change one that is allowed.

    Raises:
        ValidationError: on the origin, when it is none or there already; as a whole,
            when there are too many.
    """
    allowed.full_clean()
    if allowed._state.adding:
        _refuse_too_many(allowed.organization)
    allowed.save()
    _tell(allowed.organization, allowed.origin, "origin_allowed")
    return allowed


@transaction.atomic
def delete_origin(allowed: AllowedOrigin) -> None:
    """Allow an origin no longer."""
    allowed.delete()
    _tell(allowed.organization, allowed.origin, "origin_removed")


def _refuse_too_many(organization: Organization) -> None:
    # Whoever else adds one waits, so that two cannot both be the last.
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if AllowedOrigin.objects.for_organization(organization).count() >= MOST_ORIGINS:
        raise ValidationError(
            _("At most %(most)d origins. Remove one that is not used any more."),
            code="too_many",
            params={"most": MOST_ORIGINS},
        )


def _tell(organization: Organization, origin: str, reason: str) -> None:
    tell(
        SecurityKind.ACCESS_CHANGED,
        organization_id=organization.pk,
        subject=f"origin:{origin}"[:200],
        reason=reason,
    )
    transaction.on_commit(cors.forget)
