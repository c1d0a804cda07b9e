"""API keys as the API shows and takes them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from integrations.api_keys.models import ApiKey, KeyPolicy, KeyUse
from integrations.api_keys.services import update_key
from integrations.api_keys.services.making import MAX_OVERLAP
from integrations.audit.usage import Summary
from organizations.openapi import example
from organizations.reading import Row
from organizations.serializers import OrganizationSerializer, StrictSerializer

SENT = {
    "name": "Payroll",
    "scopes": ["employees:read", "employees:read_personal"],
    "networks": ["203.0.113.0/24"],
    "expires_at": "2027-01-01T00:00:00Z",
}
SHOWN: dict[str, Any] = {
    "id": "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f",
    "version": 1,
    "created_at": "2026-01-05T08:00:00.000000Z",
    "updated_at": "2026-01-05T08:00:00.000000Z",
    **SENT,
    "expires_at": "2027-01-01T00:00:00.000000Z",
    "environment": "live",
    "key_id": "tHt7I8cdpZ3I",
    "owner": "01963a5e-7c2e-7d4a-9a5e-000000000005",
    "reach": {},
    "hourly_quota": None,
    "starts_at": None,
    "is_enabled": True,
    "frozen_at": None,
    "revoked_at": None,
    "revoked_by": None,
    "revocation_reason": "",
    "replaced_by": None,
    "replaced_at": None,
    "public_part": "phr_live_tHt7I8cdpZ3I",
    "state": "active",
    "last_use": None,
}
#: Written by decisions alone, or once.
READ_ONLY: tuple[str, ...] = (
    "key_id",
    "owner",
    "is_enabled",
    "frozen_at",
    "revoked_at",
    "revoked_by",
    "revocation_reason",
    "replaced_by",
    "replaced_at",
)


class LastUseSerializer(serializers.ModelSerializer[KeyUse]):
    """When a key was last used, to the minute, and from where for what."""

    class Meta:
        model = KeyUse
        fields = ("last_used_at", "address", "endpoint")


class ReachField(serializers.DictField):
    """Of each dimension the ids that the key sees; without any, it sees all."""

    child = serializers.ListField(child=serializers.UUIDField(), max_length=1000)

    def to_internal_value(self, data: Any) -> dict[str, list[str]]:
        given = super().to_internal_value(data)
        return {name: sorted(map(str, ids)) for name, ids in given.items()}


@example(shown=SHOWN, sent=SENT)
class ApiKeySerializer(OrganizationSerializer[ApiKey]):
    """A key of a program; the secret is shown once, when it is made."""

    scopes = serializers.ListField(
        child=serializers.CharField(max_length=50), max_length=100, allow_empty=True
    )
    networks = serializers.ListField(
        child=serializers.CharField(max_length=43), max_length=100, required=False
    )
    reach = ReachField(required=False)
    public_part = serializers.CharField(read_only=True)
    state = serializers.ChoiceField(ApiKey.State.choices, read_only=True)
    last_use = LastUseSerializer(read_only=True, allow_null=True)

    class Meta:
        model = ApiKey
        read_only_fields: tuple[str, ...] = READ_ONLY

    def get_field_names(
        self, declared_fields: Mapping[str, Any], info: Any
    ) -> list[str]:
        return [*super().get_field_names(declared_fields, info), "last_use"]

    def to_representation(self, instance: ApiKey) -> Row:
        shown = super().to_representation(instance)
        return with_last_uses([shown])[0]

    def update(self, instance: ApiKey, validated_data: dict[str, Any]) -> ApiKey:
        return update_key(instance, **validated_data)


class ChangedApiKeySerializer(ApiKeySerializer):
    """A key that exists: its environment stands in its text, and stays."""

    class Meta(ApiKeySerializer.Meta):
        read_only_fields = (*READ_ONLY, "environment")


def with_last_uses(rows: list[Row]) -> list[Row]:
    """Add to keys as they are shown when each was last used: one query for all."""
    found = KeyUse.objects.filter(key__in=[row["id"] for row in rows])
    names = ("last_used_at", "address", "endpoint")
    uses = {
        str(key): dict(zip(names, use, strict=True))
        for key, *use in found.values_list("key", *names)
    }
    for row in rows:
        row["last_use"] = uses.get(str(row["id"]))
    return rows


@example(
    shown=SHOWN | {"key": "phr_live_tHt7I8cdpZ3I_" + "…" * 38},
)
class CreatedApiKeySerializer(ApiKeySerializer):
    """A new key with its whole text: it is shown this once."""

    key = serializers.CharField(read_only=True)

    def get_field_names(
        self, declared_fields: Mapping[str, Any], info: Any
    ) -> list[str]:
        return [*super().get_field_names(declared_fields, info), "key"]


class RotationSerializer(StrictSerializer):
    """How long the replaced key still works beside the new one."""

    overlap_seconds = serializers.IntegerField(
        min_value=0,
        max_value=int(MAX_OVERLAP.total_seconds()),
        default=0,
        help_text="0 to 604800, which are seven days.",
    )

    def overlap(self) -> dt.timedelta:
        """Return the overlap that was asked for."""
        return dt.timedelta(seconds=self.validated_data["overlap_seconds"])


class RevocationSerializer(StrictSerializer):
    """Why a key is ended."""

    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class KeyPolicySerializer(StrictSerializer):
    """What the organization asks of its keys."""

    max_lifetime_days = serializers.IntegerField(
        allow_null=True,
        min_value=1,
        max_value=3650,
        help_text="How long a new key may live; null: for ever.",
    )
    outlives_password = serializers.BooleanField(
        default=False,
        help_text="Whether keys go on when their owner gets another password.",
    )

    class Meta:
        model = KeyPolicy


class KeyUsageQuestion(StrictSerializer):
    """Of how many days, today included, the usage is asked for."""

    days = serializers.IntegerField(min_value=1, max_value=365, default=30)


class DayUsageSerializer(serializers.Serializer[Any]):
    """The calls of one day, in UTC."""

    on = serializers.DateField()
    calls = serializers.IntegerField()
    client_errors = serializers.IntegerField()
    server_errors = serializers.IntegerField()


class RouteUsageSerializer(serializers.Serializer[Any]):
    """The calls of one route."""

    route = serializers.CharField()
    calls = serializers.IntegerField()


class KeyUsageSerializer(serializers.Serializer[Any]):
    """How often a key was used: in all, day by day, and for what."""

    calls = serializers.IntegerField()
    days = DayUsageSerializer(many=True)
    routes = RouteUsageSerializer(many=True)


def usage_shown(summary: Summary) -> Row:
    """Return a summary of usage as the API shows it."""
    return {
        "calls": summary.total.calls,
        "days": [
            {
                "on": at.date(),
                "calls": usage.calls,
                "client_errors": usage.client_errors,
                "server_errors": usage.server_errors,
            }
            for at, usage in summary.series
        ],
        "routes": [
            {"route": route, "calls": usage.calls} for route, usage in summary.routes
        ],
    }
