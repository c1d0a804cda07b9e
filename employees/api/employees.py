"""Employees, by API."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from employees.api.bookkeeping import BOOKKEEPING, ID
from employees.api.seen import Visibility
from employees.api.structure import (
    DepartmentViewSet,
    LocationViewSet,
    PositionViewSet,
)
from employees.models import Employee
from employees.models.queries import SEARCHED
from employees.services import (
    DECIDED,
    hire_employee,
    rehire_employee,
    terminate_employee,
    update_employee,
)
from organizations.bulk import BulkViewSet, bulk_of
from organizations.openapi import example
from organizations.reading.expanding import Expansion
from organizations.serializers import (
    OrganizationSerializer,
    StrictSerializer,
    access_of,
)

EMPLOYEE = BOOKKEEPING | {
    "number": "1042",
    "name": "Ada Lovelace",
    "first_name": "Augusta",
    "middle_name": "",
    "last_name": "Lovelace",
    "preferred_name": "Ada",
    "work_email": "ada@example.com",
    "work_phone": "+49 30 1234567",
    "manager": "01963a5e-7c2e-7d4a-9a5e-000000000001",
    "department": "01963a5e-7c2e-7d4a-9a5e-000000000002",
    "position": "01963a5e-7c2e-7d4a-9a5e-000000000003",
    "location": "01963a5e-7c2e-7d4a-9a5e-000000000004",
    "employment_type": "full_time",
    "status": "active",
    "hired_on": "2026-01-05",
    "first_hired_on": None,
    "terminated_on": None,
}
NEW_EMPLOYEE = {
    "first_name": "Augusta",
    "last_name": "Lovelace",
    "work_email": "ada@example.com",
    "hired_on": "2026-01-05",
}


@example(shown=EMPLOYEE, sent=NEW_EMPLOYEE)
class EmployeeSerializer(OrganizationSerializer[Employee]):
    """An employee. `status` and the last day change by terminate and rehire."""

    class Meta:
        model = Employee
        read_only_fields = sorted(DECIDED)
        extra_kwargs: ClassVar = {"number": {"required": False, "allow_blank": True}}

    def create(self, validated_data: dict[str, Any]) -> Employee:
        organization = access_of(self.context).organization
        return hire_employee(organization, **validated_data)

    def update(self, instance: Employee, validated_data: dict[str, Any]) -> Employee:
        return update_employee(instance, **validated_data)


@example(sent={"terminated_on": "2026-12-31", "reason": "Moved abroad"})
class TerminationSerializer(StrictSerializer):
    """The end of an employment."""

    terminated_on = serializers.DateField(help_text="The last day of the employment.")
    reason = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default=""
    )


@example(sent={"hired_on": "2027-06-01"})
class RehireSerializer(StrictSerializer):
    """The beginning of another employment."""

    hired_on = serializers.DateField(help_text="The first day of the new employment.")


class EmployeeFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of employees is narrowed by. Ids that do not exist match nobody."""

    status = filters.ChoiceFilter(choices=Employee.Status.choices)
    employment_type = filters.ChoiceFilter(choices=Employee.EmploymentType.choices)
    number = filters.CharFilter()
    work_email = filters.CharFilter(lookup_expr="iexact")
    department = filters.UUIDFilter(field_name="department_id")
    position = filters.UUIDFilter(field_name="position_id")
    location = filters.UUIDFilter(field_name="location_id")
    manager = filters.UUIDFilter(field_name="manager_id")
    hired_from = filters.DateFilter(field_name="hired_on", lookup_expr="gte")
    hired_to = filters.DateFilter(field_name="hired_on", lookup_expr="lte")
    terminated_from = filters.DateFilter(field_name="terminated_on", lookup_expr="gte")
    terminated_to = filters.DateFilter(field_name="terminated_on", lookup_expr="lte")
    updated_since = filters.IsoDateTimeFilter(
        field_name="updated_at", lookup_expr="gte"
    )


class EmployeeViewSet(BulkViewSet):
    """Employees of the caller's organization.

    Personal fields are there for HR, for the managers above, and for oneself.
    """

    read_scope = "employees:read"
    write_scope = "employees:write"
    delete_scope = "employees:delete"
    serializer_class = EmployeeSerializer
    filterset_class = EmployeeFilter
    search_fields = SEARCHED
    ordering = ("last_name", "first_name", "id")
    ordering_fields = (
        "id",
        "number",
        "first_name",
        "last_name",
        "work_email",
        "hired_on",
        "created_at",
        "updated_at",
    )

    expansions: ClassVar[Mapping[str, Expansion]] = {
        "manager": lambda: EmployeeViewSet,
        "department": lambda: DepartmentViewSet,
        "position": lambda: PositionViewSet,
        "location": lambda: LocationViewSet,
    }

    bulk_key = "number"
    bulk = bulk_of(
        "Employee",
        {**NEW_EMPLOYEE, "number": "1042"},
        {"id": ID, "work_phone": "+49 30 1234567"},
        key="number",
    )

    @cached_property
    def sight(self) -> Visibility:
        return Visibility(self.access)

    @extend_schema(request=TerminationSerializer, responses=EmployeeSerializer)
    @action(detail=True, methods=["post"])
    def terminate(self, request: Request, pk: str) -> Response:
        """End an employment; a last day that lies ahead is noted and kept in mind."""
        employee = self.get_guarded_object()
        termination = TerminationSerializer(data=request.data)
        termination.is_valid(raise_exception=True)
        return self.answer(terminate_employee(employee, **termination.validated_data))

    @extend_schema(request=RehireSerializer, responses=EmployeeSerializer)
    @action(detail=True, methods=["post"])
    def rehire(self, request: Request, pk: str) -> Response:
        """Employ a former employee again."""
        employee = self.get_guarded_object()
        rehire = RehireSerializer(data=request.data)
        rehire.is_valid(raise_exception=True)
        return self.answer(rehire_employee(employee, **rehire.validated_data))
