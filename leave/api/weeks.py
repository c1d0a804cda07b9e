"""Work weeks, by API."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters

from employees.api import LocationViewSet
from leave.api.seen import BOOKKEEPING, BY_EMPLOYEE, SeenViewSet
from leave.models import WorkWeek
from leave.models.queries import whose
from organizations.bulk import BulkViewSet, bulk_of
from organizations.openapi import example
from organizations.reading.expanding import Expansion
from organizations.serializers import OrganizationSerializer

PART_TIME = {
    "employee": "01963a5e-7c2e-7d4a-9a5e-000000000001",
    "effective_on": "2026-11-01",
    "friday": "4.00",
}
SHOWN = BOOKKEEPING | {
    "location": None,
    **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday"), "8.00"),
    **dict.fromkeys(("saturday", "sunday"), "0.00"),
    **PART_TIME,
}


@example(shown=SHOWN, sent=PART_TIME)
class WorkWeekSerializer(OrganizationSerializer[WorkWeek]):
    """Hours of the week's days; of a person, a location, or else of everybody."""

    class Meta:
        model = WorkWeek


class WorkWeekFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of work weeks is narrowed by."""

    employee = filters.UUIDFilter(field_name="employee_id")
    location = filters.UUIDFilter(field_name="location_id")
    updated_since = filters.IsoDateTimeFilter(
        field_name="updated_at", lookup_expr="gte"
    )


class WorkWeekViewSet(SeenViewSet, BulkViewSet):
    """Work weeks: everybody's and locations', and those of whom one sees the leave."""

    read_scope = "leave:read"
    write_scope = "leave:manage"
    delete_scope = "leave:delete"
    serializer_class = WorkWeekSerializer
    filterset_class = WorkWeekFilter
    ordering = ("-effective_on", "-id")
    ordering_fields = ("id", "effective_on", "created_at", "updated_at")
    expansions: ClassVar[Mapping[str, Expansion]] = {
        **BY_EMPLOYEE,
        "location": lambda: LocationViewSet,
    }
    bulk = bulk_of("WorkWeek", PART_TIME)

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        is_fake = getattr(self, "swagger_fake_view", False)
        if is_fake or self.access.allows("leave:read_all"):
            return rows
        return rows.filter(whose(self.access) | Q(employee__isnull=True))
