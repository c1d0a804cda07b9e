"""What the logs hold, for reading. The rows are written by SQL of this app.

The tables are partitioned or guarded by triggers, so they are made by SQL of the
migrations and are not managed by Django.
"""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.classes import PUBLIC, FieldClass
from organizations.models import Organization
from organizations.models.fence import OrganizationOwned


def owner() -> "models.ForeignKey[Organization | None, Organization | None]":
    """Return the field of an organization that a row may have, without a constraint.

    A call without a credential, and what concerns the installation, belongs to none.
    """
    return models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        db_index=False,
        db_constraint=False,
    )


class LoggedCall(OrganizationOwned):
    """One call of the API. Its table is partitioned by day."""

    organization = owner()  # type: ignore[assignment]
    occurred_at = models.DateTimeField(_("moment"))
    actor_type = models.CharField(_("actor type"), max_length=20)
    actor_id = models.CharField(_("actor"), max_length=100, null=True)  # noqa: DJ001
    credential_kind = models.CharField(_("kind of credential"), max_length=20)
    credential_id = models.CharField(_("credential"), max_length=100)
    method = models.CharField(_("method"), max_length=20)
    route = models.CharField(_("route"), max_length=200)
    status = models.SmallIntegerField(_("status"))
    address = models.CharField(_("network address"), max_length=45)
    agent = models.CharField(_("client program"), max_length=300)
    duration_us = models.BigIntegerField(_("duration (µs)"))
    bytes_in = models.BigIntegerField(_("bytes in"))
    bytes_out = models.BigIntegerField(_("bytes out"))
    request_id = models.CharField(_("request"), max_length=64)

    field_classes: ClassVar[Mapping[str, FieldClass]] = dict.fromkeys(
        (
            "occurred_at",
            "actor_type",
            "actor_id",
            "credential_kind",
            "credential_id",
            "method",
            "route",
            "status",
            "address",
            "agent",
            "duration_us",
            "bytes_in",
            "bytes_out",
            "request_id",
        ),
        PUBLIC,
    )

    class Meta:
        managed = False
        db_table = "audit_call"
        ordering = ["-id"]
        verbose_name = _("API call")
        verbose_name_plural = _("API calls")

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.status}"


class AuditEvent(OrganizationOwned):
    """What the two logs of events have in common; their rows lie in one table."""

    organization = owner()  # type: ignore[assignment]
    occurred_at = models.DateTimeField(_("moment"))
    kind = models.CharField(_("what happened"), max_length=60)
    actor_type = models.CharField(_("actor type"), max_length=20)
    actor_id = models.CharField(_("actor"), max_length=100, null=True)  # noqa: DJ001
    subject = models.CharField(_("about"), max_length=200)
    reason = models.CharField(_("reason"), max_length=100)
    address = models.CharField(_("network address"), max_length=45)
    request_id = models.CharField(_("request"), max_length=64)
    details = models.JSONField(_("details"))

    field_classes: ClassVar[Mapping[str, FieldClass]] = dict.fromkeys(
        (
            "occurred_at",
            "kind",
            "actor_type",
            "actor_id",
            "subject",
            "reason",
            "address",
            "request_id",
            "details",
        ),
        PUBLIC,
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()


class SecurityRecord(AuditEvent):
    """Something that touches security, in the words of OWASP's vocabulary."""

    class Meta:
        managed = False
        db_table = "audit_security_event"
        ordering = ["-id"]
        verbose_name = _("security event")
        verbose_name_plural = _("security events")


class IntegrationEvent(AuditEvent):
    """Something that happened between this installation and another system."""

    class Meta:
        managed = False
        db_table = "audit_integration_event"
        ordering = ["-id"]
        verbose_name = _("integration event")
        verbose_name_plural = _("integration events")
