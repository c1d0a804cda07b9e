from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class SigningKey(models.Model):
    """One key of the ring that signs the API's tokens; it belongs to nobody.

    It is published a while before it signs, and for as long as a token that it has
    signed may hold. Then its row is deleted, and nothing it signed holds any more.
    """

    class State(models.TextChoices):
        """What a key does. A removed one has no row."""

        NEXT = "next", _("published, does not sign yet")
        CURRENT = "current", _("signs")
        RETIRED = "retired", _("verifies what it has signed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The `kid` of headers: the RFC 7638 thumbprint of the public key.
    key_id = models.CharField(max_length=43, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEXT)
    # PKCS 8, encrypted under ENCRYPTION_KEYS; emptied when it retires.
    private_key = models.TextField(blank=True)
    # The JSON Web Key (RFC 7517) that is published.
    public_key = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    signs_since = models.DateTimeField(null=True, blank=True)
    published_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state__in=["next", "current"]),
                name="signing_key_one_next_and_one_current",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="retired", private_key="", published_until__isnull=False
                )
                | Q(published_until__isnull=True)
                & ~Q(state="retired")
                & ~Q(private_key=""),
                name="signing_key_retired_cannot_sign",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key_id} ({self.get_state_display()})"
