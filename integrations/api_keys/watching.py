"""What is looked for once a minute: replaced keys in late use, keys without owner."""

import datetime as dt

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from integrations.api_keys.models import ApiKey, KeyUse
from integrations.api_keys.services import freeze_keys_of
from organizations.models import Organization, User
from organizations.security import SecurityKind, tell

#: The last part of an overlap, in which the old key should no longer be used.
LATE_SHARE = 0.1
#: How long after its end a late use is still told.
TOLD_WITHIN = dt.timedelta(hours=1)


def tell_late_uses() -> list[ApiKey]:
    """Tell, once for each, of replaced keys used near their end; return them.

    Near is the last tenth of the overlap, in which a successor should be in place.
    """
    now = timezone.now()
    overlap = F("key__expires_at") - F("key__replaced_at")
    late = (
        KeyUse.objects.filter(
            told_at__isnull=True,
            key__revoked_at__isnull=True,
            key__replaced_at__isnull=False,
            key__expires_at__gt=now - TOLD_WITHIN,
            last_used_at__gt=F("key__expires_at") - overlap * LATE_SHARE,
        )
        .select_related("key")
        .order_by("pk")
    )
    return [use.key for use in late if _tell_late_use(use, now)]


@transaction.atomic
def _tell_late_use(use: KeyUse, now: dt.datetime) -> bool:
    untold = KeyUse.objects.filter(pk=use.pk, told_at__isnull=True)
    if not untold.update(told_at=now):
        return False
    tell(
        SecurityKind.ACCESS_CHANGED,
        organization_id=use.organization_id,
        subject=f"api_key:{use.key.key_id}",
        reason="late_use",
        address=use.address,
        details={"endpoint": use.endpoint},
    )
    return True


def freeze_orphans() -> int:
    """Stop keys whose owner left by a way that told nobody; say how many."""
    gone = Q(owner__is_active=False) | ~Q(
        owner__memberships__organization=F("organization")
    )
    pairs = set(
        ApiKey.objects.filter(gone, frozen_at__isnull=True, revoked_at__isnull=True)
        .order_by()
        .values_list("owner", "organization")
    )
    return sum(
        freeze_keys_of(
            User.objects.get(pk=owner), Organization.objects.get(pk=organization)
        )
        for owner, organization in pairs
    )
