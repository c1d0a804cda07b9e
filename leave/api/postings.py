"""Grants and adjustments, many at once."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers

from employees.models import Employee
from leave.models import LeaveAccount, LeaveType
from leave.services import adjust_balance, grant_leave
from organizations.bulk import Result
from organizations.serializers import OrganizationRelatedField, StrictSerializer

GRANT, ADJUSTMENT = "grant", "adjustment"
A_GRANT = {
    "kind": GRANT,
    "employee": "01963a5e-7c2e-7d4a-9a5e-000000000001",
    "leave_type": "01963a5e-7c2e-7d4a-9a5e-000000000011",
    "year": 2027,
    "amount": "28.00",
}
AN_ADJUSTMENT = {
    **A_GRANT,
    "kind": ADJUSTMENT,
    "amount": "-1.50",
    "reason": "Carried over by mistake",
    "key": "payroll-2027-0042",
}
#: One item, as OpenAPI describes it.
POSTING: dict[str, Any] = {
    "type": "object",
    "required": ["kind", "employee", "leave_type", "year", "amount"],
    "properties": {
        "kind": {"type": "string", "enum": [GRANT, ADJUSTMENT]},
        "employee": {"type": "string", "format": "uuid"},
        "leave_type": {"type": "string", "format": "uuid"},
        "year": {"type": "integer"},
        "amount": {
            "type": "string",
            "format": "decimal",
            "description": "In the unit of the type; an adjustment may be negative.",
        },
        "effective_on": {
            "type": "string",
            "format": "date",
            "description": "1 January, or the first day of the employment.",
        },
        "reason": {
            "type": "string",
            "maxLength": 500,
            "description": "Of adjustments; it stands in the statement.",
        },
        "key": {
            "type": "string",
            "maxLength": 100,
            "description": "Of adjustments: sent again, it counts once.",
        },
    },
}


class PostingSerializer(StrictSerializer):
    """A grant of a year's leave, or an adjustment with its reason."""

    kind = serializers.ChoiceField([GRANT, ADJUSTMENT])
    employee = OrganizationRelatedField(queryset=Employee._base_manager.all())
    leave_type = OrganizationRelatedField(queryset=LeaveType._base_manager.all())
    year = serializers.IntegerField(min_value=1900, max_value=2100)
    amount = serializers.DecimalField(max_digits=9, decimal_places=3)
    effective_on = serializers.DateField(required=False)
    reason = serializers.CharField(max_length=500, required=False)
    key = serializers.CharField(max_length=100, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a key of a grant: it counts once for its year anyway."""
        if attrs["kind"] == GRANT and "key" in attrs:
            raise exceptions.ValidationError(
                {
                    "key": exceptions.ErrorDetail(
                        _("A grant counts once a year."), "grant"
                    )
                }
            )
        if attrs["kind"] == ADJUSTMENT:
            attrs.setdefault("reason", "")
        return attrs


def apply_posting(item: Any, context: dict[str, Any]) -> tuple[Result, LeaveAccount]:
    """Post one item; say whether that changed the account.

    Raises:
        ValidationError: for what is no posting, or breaks a rule of leave.
    """
    body = PostingSerializer(data=item, context=context)
    body.is_valid(raise_exception=True)
    posting = dict(body.validated_data)
    post = grant_leave if posting.pop("kind") == GRANT else adjust_balance
    employee, leave_type = posting.pop("employee"), posting.pop("leave_type")
    before = _entries(employee.pk, leave_type.pk)
    account = post(employee, leave_type, **posting)
    if before is None:
        return Result.CREATED, account
    same = _entries(employee.pk, leave_type.pk) == before
    return (Result.UNCHANGED if same else Result.UPDATED), account


def _entries(employee_id: UUID, leave_type_id: UUID) -> int | None:
    """Return how many lines an account has, None where there is none."""
    accounts = LeaveAccount.objects.filter(
        employee_id=employee_id, leave_type_id=leave_type_id
    )
    count: int | None = accounts.values_list("entry_count", flat=True).first()
    return count
