"""Endpoints that ask for events, the events, and their deliveries."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.webhooks.egress import EgressPolicy, validate_endpoint_url
from integrations.webhooks.egress.addresses import MAX_URL_LENGTH
from integrations.webhooks.matching import unknown_patterns
from organizations.classes import INTERNAL, PUBLIC, FieldClass
from organizations.events import EventType
from organizations.models import Organization, OrganizationRecord
from organizations.models.fence import OrganizationOwned


class Endpoint(OrganizationRecord):
    """An address of an integrator, and the events that it asks for.

    The signing secret is encrypted at rest, shown once when the endpoint is created,
    and never after.
    """

    name = models.CharField(_("name"), max_length=100)
    url = models.CharField(_("address"), max_length=MAX_URL_LENGTH)
    events = ArrayField(
        models.CharField(max_length=100),
        verbose_name=_("events"),
        help_text=_("Names such as employee.updated, employee.* or *."),
    )
    description = models.TextField(_("description"), blank=True)
    is_enabled = models.BooleanField(
        _("switched on"),
        default=True,
        help_text=_(
            "Switched off, it gets no new events, and what waits for it stays."
        ),
    )
    encrypted_secret = models.TextField(editable=False)

    subject_type = "webhook_endpoint"
    api_path = "webhooks"
    field_classes: ClassVar[Mapping[str, FieldClass]] = {
        "name": PUBLIC,
        "url": PUBLIC,
        "events": PUBLIC,
        "description": PUBLIC,
        "is_enabled": PUBLIC,
        "encrypted_secret": INTERNAL,
    }

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse addresses that nothing may be sent to, and events that never come."""
        errors: dict[str, ValidationError] = {}
        policy = EgressPolicy(settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS)
        try:
            validate_endpoint_url(self.url, policy)
        except ValidationError as error:
            errors["url"] = error
        if unknown := unknown_patterns(self.events or [], _event_type_names()):
            errors["events"] = ValidationError(
                _("No such event: %(events)s."),
                code="unknown_event",
                params={"events": ", ".join(unknown)},
            )
        if errors:
            raise ValidationError(errors)


def _event_type_names() -> list[str]:
    return [declared.name for declared in EventType.all()]


class Event(OrganizationOwned):
    """Something that happened: exactly what is signed and sent, kept for the log."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", editable=False, db_index=False
    )
    type = models.CharField(_("type"), max_length=100)
    occurred_at = models.DateTimeField(_("moment"))
    # The subject's version after the change; 0 for what changes no record.
    sequence = models.BigIntegerField(_("sequence"))
    subject_type = models.CharField(_("subject type"), max_length=100)
    subject_id = models.UUIDField(_("subject"))
    actor_type = models.CharField(_("actor type"), max_length=20)
    actor_id = models.CharField(_("actor"), max_length=100, null=True)  # noqa: DJ001
    body = models.TextField(_("body"))

    field_classes: ClassVar[Mapping[str, FieldClass]] = dict.fromkeys(
        (
            "type",
            "occurred_at",
            "sequence",
            "subject_type",
            "subject_id",
            "actor_type",
            "actor_id",
            "body",
        ),
        PUBLIC,
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        # Ids are UUIDv7, so their order is the order of time.
        indexes = [
            models.Index(fields=["organization", "-id"], name="event_log"),
            models.Index(fields=["organization", "type", "-id"], name="event_by_type"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_id", "sequence", "type"],
                condition=Q(sequence__gt=0),
                name="event_once_per_change",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.public_id}"

    @property
    def public_id(self) -> str:
        """The id as integrators see it: in the body, the header and the API."""
        return f"evt_{self.id.hex}"


class Delivery(OrganizationOwned):
    """One event on its way to one endpoint; the row is the queue."""

    class Status(models.TextChoices):
        """Where a delivery stands. Only what was never tried keeps later ones back."""

        PENDING = "pending", _("waiting")
        RETRYING = "retrying", _("trying again")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    # Written by one statement from its event and endpoint: no check of its own.
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
        db_constraint=False,
    )
    event = models.ForeignKey(
        Event, models.CASCADE, related_name="deliveries", db_index=False
    )
    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, related_name="deliveries", db_index=False
    )
    # Copied from the event, so that order is kept without a join.
    subject_id = models.UUIDField(_("subject"))
    sequence = models.BigIntegerField(_("sequence"))
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.PENDING
    )
    attempts = models.SmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("next try"), null=True)
    # The lease: until when, and by which claim, a worker holds the row.
    claimed_until = models.DateTimeField(null=True, editable=False)
    claim = models.BigIntegerField(null=True, editable=False)
    # The last attempt's answer.
    status_code = models.SmallIntegerField(_("answer"), null=True)
    duration_ms = models.IntegerField(_("duration (ms)"), null=True)
    error = models.TextField(_("error"), blank=True, default="")
    attempted_at = models.DateTimeField(_("last try"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)

    field_classes: ClassVar[Mapping[str, FieldClass]] = {
        **dict.fromkeys(
            (
                "event",
                "endpoint",
                "subject_id",
                "sequence",
                "status",
                "attempts",
                "due_at",
                "status_code",
                "duration_ms",
                "error",
                "attempted_at",
                "delivered_at",
            ),
            PUBLIC,
        ),
        "claimed_until": INTERNAL,
        "claim": INTERNAL,
    }

    class Meta:
        ordering = ["-id"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(
                fields=["endpoint", "due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="delivery_due",
            ),
            models.Index(
                fields=["endpoint", "subject_id", "sequence", "event"],
                condition=Q(status="pending"),
                name="delivery_order",
            ),
            models.Index(fields=["organization", "-id"], name="delivery_log"),
            models.Index(fields=["endpoint", "-id"], name="delivery_by_endpoint"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "endpoint"], name="delivery_once_per_endpoint"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "retrying"], due_at__isnull=False)
                | Q(status__in=["delivered", "failed"], due_at__isnull=True),
                name="delivery_due_while_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.endpoint_id}"


class Attempt(OrganizationOwned):
    """One try to deliver, and what came back. Written once, never changed."""

    # Written by the statement that updates their delivery: no checks of their own.
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
        db_constraint=False,
    )
    delivery = models.ForeignKey(
        Delivery, models.CASCADE, related_name="tries", db_constraint=False
    )
    number = models.SmallIntegerField(_("number"))
    attempted_at = models.DateTimeField(_("moment"))
    status_code = models.SmallIntegerField(_("answer"), null=True)
    duration_ms = models.IntegerField(_("duration (ms)"))
    error = models.TextField(_("error"), blank=True)
    # The first KiB of the answer.
    excerpt = models.TextField(_("answer's text"), blank=True)

    field_classes: ClassVar[Mapping[str, FieldClass]] = dict.fromkeys(
        (
            "delivery",
            "number",
            "attempted_at",
            "status_code",
            "duration_ms",
            "error",
            "excerpt",
        ),
        PUBLIC,
    )

    class Meta:
        ordering = ["-number"]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.delivery_id} #{self.number}"
