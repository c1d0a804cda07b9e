from typing import ClassVar

from django.db import models
from django.utils import timezone

from organizations.classes import INTERNAL
from organizations.constraints import SameOrganization
from organizations.models.fence import OrganizationOwned
from organizations.models.people import Membership


class TokenFamily(OrganizationOwned):
    """One login to the API: all tokens that descend from one password.

    Only the newest refresh token is good. Whoever shows an older one has stolen it, or
    been stolen from: the row is deleted, and every token of the family ends at once.
    """

    membership = models.ForeignKey(
        Membership, models.CASCADE, related_name="token_families"
    )
    # The `jti` of the one refresh token that is good.
    refresh_id = models.UUIDField()
    # Django's HMAC of the password: another password ends the family.
    password_stamp = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    field_classes: ClassVar = {
        "membership": INTERNAL,
        "refresh_id": INTERNAL,
        "password_stamp": INTERNAL,
        "created_at": INTERNAL,
        "expires_at": INTERNAL,
    }

    class Meta:
        verbose_name = "token family"
        verbose_name_plural = "token families"
        constraints = [
            SameOrganization(
                field="membership", name="token_family_membership_organization"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
