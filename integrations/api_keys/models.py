"""API keys, the organization's rules for them, and when each was last used."""

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.api_keys import networks, reaching
from integrations.api_keys.keys import PREFIX
from organizations.classes import INTERNAL, PUBLIC, FieldClass
from organizations.constraints import SameOrganization
from organizations.models import (
    OrganizationOwned,
    OrganizationRecord,
    RecordQuerySet,
)
from organizations.models.fence import FencedManager
from organizations.roles import SCOPES

MAX_LIFETIME_DAYS = 3650
MAX_HOURLY_QUOTA = 1_000_000


def conditions_of_states(now: dt.datetime) -> dict[str, Q]:
    """Return what makes a key's state; a key is in the first that it fulfils."""
    return {
        "revoked": Q(revoked_at__isnull=False),
        "expired": Q(expires_at__isnull=False, expires_at__lte=now),
        "frozen": Q(frozen_at__isnull=False),
        "disabled": Q(is_enabled=False),
        "not_yet_valid": Q(starts_at__isnull=False, starts_at__gt=now),
        "active": Q(pk__isnull=False),
    }


class ApiKeyQuerySet(RecordQuerySet["ApiKey"]):
    """Keys, as lists ask for them."""

    def in_state(self, state: str) -> Self:
        """Return the keys that are in one state now; see :attr:`ApiKey.state`."""
        found = self
        for name, condition in conditions_of_states(timezone.now()).items():
            if name == state:
                return found.filter(condition)
            found = found.exclude(condition)
        return self.none()

    def alive(self) -> Self:
        """Return the keys that have not ended: not revoked, not expired."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()),
            revoked_at__isnull=True,
        )

    def unused_for(self, days: int) -> Self:
        """Return the living keys that nobody has used for so many days."""
        since = timezone.now() - dt.timedelta(days=days)
        return self.alive().filter(
            Q(use__isnull=True) | Q(use__last_used_at__lt=since),
            created_at__lt=since,
            is_canary=False,
        )


ApiKeyManager = FencedManager.from_queryset(ApiKeyQuerySet)


class ApiKey(OrganizationRecord):
    """A key of a program: what it may do, from where and until when.

    Of the key itself a bcrypt hash and a four-byte tag are kept. Its ``version`` is its
    generation: whatever changes it, by whatever way of writing, raises it, and what was
    verified before is verified anew.
    """

    class Environment(models.TextChoices):
        LIVE = "live", _("Live")
        TEST = "test", _("Test")

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        NOT_YET_VALID = "not_yet_valid", _("not yet valid")
        DISABLED = "disabled", _("switched off")
        FROZEN = "frozen", _("frozen: its owner left, or has a new password")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")

    name = models.CharField(
        _("name"), max_length=100, help_text=_("Which program uses it, and what for.")
    )
    environment = models.CharField(
        _("environment"), max_length=4, choices=Environment, default=Environment.LIVE
    )
    key_id = models.CharField(_("key id"), max_length=12, unique=True, editable=False)
    secret_hash = models.CharField(max_length=60, editable=False)
    secret_tag = models.CharField(max_length=8, editable=False)
    pepper = models.CharField(max_length=8, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("owner"),
    )
    scopes = ArrayField(models.CharField(max_length=50), verbose_name=_("scopes"))
    networks = ArrayField(
        models.CharField(max_length=43),
        blank=True,
        default=list,
        verbose_name=_("networks"),
        help_text=_("Where it may be used from, as 203.0.113.0/24; empty: anywhere."),
    )
    reach = models.JSONField(
        _("reach"),
        blank=True,
        default=dict,
        help_text=_("Which departments or locations it sees; empty: all."),
    )
    hourly_quota = models.PositiveIntegerField(
        _("calls an hour"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_HOURLY_QUOTA)],
        help_text=_("Empty: what the installation allows each key."),
    )
    starts_at = models.DateTimeField(_("valid from"), null=True, blank=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    is_enabled = models.BooleanField(_("switched on"), default=True, editable=False)
    is_canary = models.BooleanField(
        _("canary"),
        default=False,
        help_text=_("A trap: it opens nothing, and whoever tries it raises an alarm."),
    )
    frozen_at = models.DateTimeField(_("frozen"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("revoked by"),
    )
    revocation_reason = models.CharField(
        _("reason"), max_length=200, blank=True, editable=False
    )
    replaced_by = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="replaced",
        null=True,
        editable=False,
        db_constraint=False,  # the composite key of SameOrganization is the one
        verbose_name=_("replaced by"),
    )
    replaced_at = models.DateTimeField(_("replaced"), null=True, editable=False)

    objects = ApiKeyManager()  # type: ignore[assignment,misc]

    subject_type = "api_key"
    api_path = "api-keys"
    field_classes: ClassVar[Mapping[str, FieldClass]] = {
        **dict.fromkeys(
            (
                "name",
                "environment",
                "key_id",
                "owner",
                "scopes",
                "networks",
                "reach",
                "hourly_quota",
                "starts_at",
                "expires_at",
                "is_enabled",
                "frozen_at",
                "revoked_at",
                "revoked_by",
                "revocation_reason",
                "replaced_by",
                "replaced_at",
                "public_part",
                "state",
            ),
            PUBLIC,
        ),
        # A trap that the API told of would catch nobody.
        "is_canary": INTERNAL,
        "secret_hash": INTERNAL,
        "secret_tag": INTERNAL,
        "pepper": INTERNAL,
    }
    field_sources = {
        "public_part": ("environment", "key_id"),
        "state": (
            "revoked_at",
            "expires_at",
            "frozen_at",
            "is_enabled",
            "starts_at",
        ),
    }

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        indexes = [
            models.Index(fields=["organization", "name", "id"], name="api_key_by_name"),
            models.Index(fields=["owner"], name="api_key_by_owner"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True)
                | Q(expires_at__isnull=True)
                | Q(expires_at__gt=F("starts_at")),
                name="api_key_ends_after_start",
                violation_error_message=_("The end comes after the start."),
            ),
            models.CheckConstraint(
                condition=Q(environment__in=["live", "test"]),
                name="api_key_environment_known",
                violation_error_message=_("Live or test."),
            ),
            models.CheckConstraint(
                condition=Q(hourly_quota__isnull=True) | Q(hourly_quota__gt=0),
                name="api_key_quota_positive",
                violation_error_message=_("At least one call an hour."),
            ),
            SameOrganization(
                field="replaced_by", name="api_key_replaced_by_organization"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.public_part})"

    @property
    def public_part(self) -> str:
        """What of the key may be shown: everything but the secret."""
        return f"{PREFIX}_{self.environment}_{self.key_id}"

    @property
    def state(self) -> str:
        """What the key is now, in one word of :class:`ApiKey.State`."""
        now = timezone.now()
        states = (
            ("revoked", self.revoked_at is not None),
            ("expired", self.expires_at is not None and self.expires_at <= now),
            ("frozen", self.frozen_at is not None),
            ("disabled", not self.is_enabled),
            ("not_yet_valid", self.starts_at is not None and self.starts_at > now),
        )
        return next((state for state, is_so in states if is_so), "active")

    def clean(self) -> None:
        """Refuse scopes that do not exist; bring networks into their one form."""
        errors: dict[str, ValidationError] = {}
        if unknown := sorted(set(self.scopes or ()) - set(SCOPES)):
            errors["scopes"] = ValidationError(
                _("No such scope: %(scopes)s."),
                code="unknown_scope",
                params={"scopes": ", ".join(unknown)},
            )
        self.scopes = sorted(set(self.scopes or ()))
        try:
            self.reach = reaching.normalized(self.reach or {}, self.organization)
        except ValidationError as error:
            errors["reach"] = error
        try:
            self.networks = networks.normalize(self.networks or ())
        except ValidationError as error:
            errors["networks"] = error
        if errors:
            raise ValidationError(errors)


class KeyPolicy(OrganizationRecord):
    """What an organization asks of all of its keys."""

    max_lifetime_days = models.PositiveIntegerField(
        _("longest life in days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_LIFETIME_DAYS)],
        help_text=_("Every key made from now on ends by then; empty: they need not."),
    )

    outlives_password = models.BooleanField(
        _("keys outlive their owner's password"),
        default=False,
        help_text=_(
            "Otherwise a key is frozen when its owner gets another password, until "
            "somebody takes it over."
        ),
    )

    subject_type = "api_key_policy"
    api_path = "api-keys/policy"
    field_classes: ClassVar[Mapping[str, FieldClass]] = {
        "max_lifetime_days": PUBLIC,
        "outlives_password": PUBLIC,
    }

    class Meta:
        verbose_name = _("rules for API keys")
        verbose_name_plural = _("rules for API keys")
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], name="key_policy_once_per_organization"
            ),
        ]

    def __str__(self) -> str:
        return str(_("Rules for API keys"))


class KeyUse(OrganizationOwned):
    """When a key was last used; written off the request, once a minute at most.

    A row of its own, so that using a key changes neither the key nor its version.
    """

    key = models.OneToOneField(ApiKey, models.CASCADE, related_name="use")
    last_used_at = models.DateTimeField(_("last used"))
    address = models.CharField(_("address"), max_length=45, blank=True)
    endpoint = models.CharField(_("endpoint"), max_length=200, blank=True)
    # When people were last told that it is used although it should not be.
    told_at = models.DateTimeField(null=True)

    field_classes: ClassVar[Mapping[str, FieldClass]] = {
        "key": PUBLIC,
        "last_used_at": PUBLIC,
        "address": PUBLIC,
        "endpoint": PUBLIC,
        "told_at": INTERNAL,
    }

    class Meta:
        verbose_name = _("use of an API key")
        verbose_name_plural = _("uses of API keys")

    def __str__(self) -> str:
        return f"{self.key_id} {self.last_used_at}"
