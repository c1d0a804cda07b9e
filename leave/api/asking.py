"""What asking for leave takes, and what it would cost."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    extend_schema_field,
)
from rest_framework import serializers

from employees.models import Employee
from leave.models import (
    LeaveType,
)
from leave.models.calendars import Portion
from leave.services import (
    Preview,
)
from organizations.openapi import example
from organizations.serializers import (
    OrganizationRelatedField,
    StrictSerializer,
    access_of,
)

ASKED = {
    "leave_type": "01963a5e-7c2e-7d4a-9a5e-000000000011",
    "first_on": "2026-12-21",
    "last_on": "2026-12-23",
}


class AskedSerializer(StrictSerializer):
    """The days that are asked for. Without an employee, one's own."""

    employee = OrganizationRelatedField(
        queryset=Employee._base_manager.all(),
        required=False,
        help_text="Somebody else, for HR.",
    )
    leave_type = OrganizationRelatedField(queryset=LeaveType._base_manager.all())
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    first_portion = serializers.ChoiceField(Portion.choices, default=Portion.FULL)
    last_portion = serializers.ChoiceField(Portion.choices, default=Portion.FULL)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Find out whose leave it is.

        Raises:
            PermissionDenied: for somebody else's, unless HR asks.
        """
        access = access_of(self.context)
        employees = Employee.objects.for_organization(access.organization)
        own = employees.filter(user=access.user, user__isnull=False).first()
        employee = attrs.setdefault("employee", own)
        if employee is None:
            raise serializers.ValidationError(
                {"employee": _("Name the employee: your login belongs to none.")}
            )
        if employee != own and not access.allows("leave:manage"):
            raise PermissionDenied(_("You ask for your own leave alone."))
        return attrs


@example(sent=ASKED | {"note": "To the sea"})
class SubmissionSerializer(AskedSerializer):
    """The days that are asked for, and a note to whoever decides."""

    note = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, default=""
    )


class LeaveDaySerializer(serializers.Serializer[Any]):
    """One day and what it costs."""

    on = serializers.DateField()
    portion = serializers.ChoiceField(Portion.choices)
    charge = serializers.DecimalField(max_digits=9, decimal_places=3)
    reason = serializers.CharField()
    words = serializers.CharField(help_text="The reason, for a person.")


class YearCostSerializer(serializers.Serializer[Any]):
    """What a leave takes from a year, as of its first day there."""

    year = serializers.IntegerField()
    first_on = serializers.DateField()
    charge = serializers.DecimalField(max_digits=9, decimal_places=3)
    before = serializers.DecimalField(max_digits=9, decimal_places=3)
    after = serializers.DecimalField(max_digits=9, decimal_places=3)


class RefusalSerializer(serializers.Serializer[Any]):
    """Why it could not be."""

    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class PreviewSerializer(serializers.Serializer[Preview]):
    """What a leave would cost, and why it could not be granted."""

    charge = serializers.DecimalField(max_digits=9, decimal_places=3)
    is_possible = serializers.BooleanField()
    needs_certificate = serializers.BooleanField()
    days = LeaveDaySerializer(many=True)
    years = YearCostSerializer(many=True)
    refusals = serializers.SerializerMethodField()

    @extend_schema_field(RefusalSerializer(many=True))
    def get_refusals(self, preview: Preview) -> list[dict[str, str]]:
        """Return the refusals as problem documents tell them."""
        return [
            {
                "field": field,
                "code": rule.code or "invalid",
                "message": rule.messages[0],
            }
            for refusal in preview.refusals
            for field, rules in refusal.error_dict.items()
            for rule in rules
        ]
