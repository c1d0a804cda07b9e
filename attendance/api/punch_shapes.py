"""Punches as the API takes and shows them."""

from django_filters import rest_framework as filters
from rest_framework import serializers

from attendance.api.seen import EMPLOYEE, ID, MomentField
from attendance.models import Punch
from organizations.models.organizations import validate_time_zone
from organizations.openapi import example
from organizations.serializers import (
    OrganizationSerializer,
    StrictSerializer,
)

NEW_PUNCH = {
    "employee": EMPLOYEE,
    "punched_at": "2026-11-02T09:00:00+01:00",
    "direction": "in",
    "time_zone": "Europe/Berlin",
    "device": "gate-1",
    "device_sequence": 4711,
}


@example(sent=NEW_PUNCH)
class NewPunchSerializer(StrictSerializer):
    """A punch to record. Without an employee, one's own; the zone is where it was."""

    employee = serializers.UUIDField(required=False)
    punched_at = MomentField()
    direction = serializers.ChoiceField(Punch.Direction.choices)
    time_zone = serializers.CharField(
        required=False, default="", validators=[validate_time_zone]
    )
    device = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default=""
    )
    device_sequence = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=2**63 - 1,
        help_text="Grows with every punch of the device; delivered again, it is known.",
    )


PUNCH = {
    "id": ID,
    "version": 1,
    "created_at": "2026-11-02T08:00:01.000000Z",
    "updated_at": "2026-11-02T08:00:01.000000Z",
    "employee": EMPLOYEE,
    "punched_at": "2026-11-02T08:00:00.000000Z",
    "time_zone": "Europe/Berlin",
    "direction": "in",
    "source": "api",
    "device": "gate-1",
    "device_sequence": 4711,
    "voided_at": None,
    "void_reason": "",
}


@example(shown=PUNCH)
class PunchSerializer(OrganizationSerializer[Punch]):
    """A punch. It is never edited; one that is void counts no more."""

    class Meta:
        model = Punch
        read_only_fields = ("voided_at", "void_reason", "source")


@example(sent={"reason": "Pressed by a colleague"})
class AttendanceReasonSerializer(StrictSerializer):
    """Why."""

    reason = serializers.CharField(max_length=500)


class PunchFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of punches is narrowed by."""

    employee = filters.UUIDFilter(field_name="employee_id")
    direction = filters.ChoiceFilter(choices=Punch.Direction.choices)
    source = filters.ChoiceFilter(choices=Punch.Source.choices)
    device = filters.CharFilter()
    punched_from = filters.IsoDateTimeFilter(field_name="punched_at", lookup_expr="gte")
    punched_to = filters.IsoDateTimeFilter(field_name="punched_at", lookup_expr="lt")
    is_voided = filters.BooleanFilter(
        field_name="voided_at", lookup_expr="isnull", exclude=True
    )
    updated_since = filters.IsoDateTimeFilter(
        field_name="updated_at", lookup_expr="gte"
    )
