from typing import ClassVar

from django.db import models
from django.utils import timezone

from organizations.classes import INTERNAL
from organizations.constraints import SameOrganization
from organizations.models.fence import OrganizationOwned
from organizations.models.people import Membership


class TokenFamily(OrganizationOwned):
    """One login to the API (a session): all tokens that descend from one password.

    Only the newest refresh token is good. Whoever shows an older one has stolen it, or
    been stolen from: the row is deleted, and every token of the family ends at once.
    """

    membership = models.ForeignKey(
        Membership, models.CASCADE, related_name="token_families"
    )
    # SHA-256 of the `jti` of the one refresh token that is good, and of the one before.
    refresh_digest = models.CharField(max_length=64)
    previous_digest = models.CharField(max_length=64, blank=True)
    rotated_at = models.DateTimeField(default=timezone.now)
    # Django's HMAC of the password: another password ends the family.
    password_stamp = models.CharField(max_length=64)
    # From where tokens were last asked for, for the member to know the session by.
    address = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    field_classes: ClassVar = {
        "membership": INTERNAL,
        "refresh_digest": INTERNAL,
        "previous_digest": INTERNAL,
        "rotated_at": INTERNAL,
        "password_stamp": INTERNAL,
        "address": INTERNAL,
        "agent": INTERNAL,
        "created_at": INTERNAL,
        "last_used_at": INTERNAL,
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
