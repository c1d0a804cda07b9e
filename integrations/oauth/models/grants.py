from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractGrant,
    AbstractRefreshToken,
)

from integrations.oauth.models.applications import Application
from organizations.classes import INTERNAL, FieldClass
from organizations.constraints import SameOrganization
from organizations.models import Membership, OrganizationOwned, User


def _internal(*names: str) -> dict[str, FieldClass]:
    return dict.fromkeys(names, INTERNAL)


class Consent(OrganizationOwned):
    """What a member has allowed an app, remembered until it asks for more."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    application = models.ForeignKey(
        Application, models.CASCADE, related_name="consents"
    )
    scopes = ArrayField(models.CharField(max_length=50))
    given_at = models.DateTimeField(default=timezone.now)

    field_classes: ClassVar[dict[str, FieldClass]] = _internal(
        "membership", "application", "scopes", "given_at"
    )

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "application"], name="consent_once_per_app"
            ),
            SameOrganization(
                field="membership", name="consent_membership_organization"
            ),
            SameOrganization(
                field="application", name="consent_application_organization"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} → {self.application_id}"


class Grant(OrganizationOwned, AbstractGrant):  # type: ignore[misc]
    """What a member granted an app once: the code, and all that descends from it.

    The row outlives its code. Every token that is issued names it, so a code that is
    shown twice or a refresh token that was stolen ends all of them by one UPDATE; and
    everything ends at ``valid_until``, however often it was refreshed.
    """

    # Fields of the library's model that we do not use.
    claims = ""
    resource: ClassVar[list[str]] = []
    updated = None

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    application = models.ForeignKey(Application, models.CASCADE, related_name="grants")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    # The SHA-256 of the code.
    code = models.CharField(max_length=64, unique=True)
    redirect_uri = models.CharField(max_length=600)
    code_challenge = models.CharField(max_length=43)
    # Django's HMAC of the password: another password ends the grant.
    password_stamp = models.CharField(max_length=64)
    authenticated_at = models.DateTimeField()
    redeemed_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField(null=True)
    valid_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    field_classes: ClassVar[dict[str, FieldClass]] = _internal(
        "membership",
        "application",
        "user",
        "code",
        "expires",
        "redirect_uri",
        "scope",
        "created",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "password_stamp",
        "authenticated_at",
        "redeemed_at",
        "refreshed_at",
        "valid_until",
        "ended_at",
    )

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            SameOrganization(field="membership", name="grant_membership_organization"),
            SameOrganization(
                field="application", name="grant_application_organization"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class AccessToken(OrganizationOwned, AbstractAccessToken):  # type: ignore[misc]
    """A token that opens the API for minutes; its digest alone is kept.

    Of a grant, or of a service that acts for itself.
    """

    token = ""
    id_token = None
    source_refresh_token = None
    resource: ClassVar[list[str]] = []
    updated = None

    application = models.ForeignKey(Application, models.CASCADE, related_name="+")
    grant = models.ForeignKey(
        Grant, models.CASCADE, null=True, related_name="access_tokens"
    )
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    token_checksum = models.CharField(max_length=64, unique=True)

    field_classes: ClassVar[dict[str, FieldClass]] = _internal(
        "application", "grant", "user", "token_checksum", "expires", "scope", "created"
    )

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        indexes = [models.Index(fields=["expires"], name="access_token_expiry")]
        constraints = [
            SameOrganization(
                field="application", name="access_token_application_organization"
            ),
            SameOrganization(field="grant", name="access_token_grant_organization"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RefreshToken(OrganizationOwned, AbstractRefreshToken):  # type: ignore[misc]
    """A token that is exchanged, once, for the next pair; its digest alone is kept."""

    token = ""
    access_token = None
    token_family = None
    resource: ClassVar[list[str]] = []
    updated = None
    revoked = None

    application = models.ForeignKey(Application, models.CASCADE, related_name="+")
    grant = models.ForeignKey(Grant, models.CASCADE, related_name="refresh_tokens")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    token_checksum = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    field_classes: ClassVar[dict[str, FieldClass]] = _internal(
        "application", "grant", "user", "token_checksum", "used_at", "created"
    )

    class Meta:
        verbose_name = _("refresh token")
        verbose_name_plural = _("refresh tokens")
        constraints = [
            SameOrganization(
                field="application", name="refresh_token_application_organization"
            ),
            SameOrganization(field="grant", name="refresh_token_grant_organization"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
