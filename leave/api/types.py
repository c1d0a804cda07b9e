"""Kinds of leave, by API."""

from collections.abc import Mapping

from leave.api.seen import BOOKKEEPING, BY_EMPLOYEE
from leave.models import (
    LeaveType,
)
from organizations.openapi import example
from organizations.reading.expanding import Expansion
from organizations.serializers import (
    OrganizationSerializer,
)
from organizations.viewsets import OrganizationViewSet

ANNUAL = {"name": "Annual leave", "unit": "days", "yearly_grant": "28.00"}


@example(
    shown=BOOKKEEPING
    | ANNUAL
    | {
        "is_paid": True,
        "is_limited": True,
        "counts_calendar_days": False,
        "certificate_after_days": None,
        "colour": "teal",
        "is_active": True,
    },
    sent=ANNUAL,
)
class LeaveTypeSerializer(OrganizationSerializer[LeaveType]):
    """A kind of leave, and how it is counted."""

    class Meta:
        model = LeaveType


class LeaveTypeViewSet(OrganizationViewSet):
    """Leave types."""

    read_scope = "leave:read"
    write_scope = "leave:manage"
    delete_scope = "leave:delete"
    serializer_class = LeaveTypeSerializer
    search_fields = ("name",)
    ordering = ("name", "id")
    ordering_fields = ("id", "name", "created_at", "updated_at")


BY_EMPLOYEE_AND_TYPE: Mapping[str, Expansion] = {
    **BY_EMPLOYEE,
    "leave_type": lambda: LeaveTypeViewSet,
}
