"""What integrators read and write of employees and of how the organization is built."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from employees.models import Department, Employee, Location, Position
from employees.models.queries import SEARCHED
from employees.services import (
    DECIDED,
    hire_employee,
    rehire_employee,
    terminate_employee,
    update_employee,
)
from employees.visibility import EVERYTHING, classes_seen
from organizations.access import OrganizationAccess
from organizations.bulk import BulkViewSet, bulk_of
from organizations.classes import PUBLIC, FieldClass
from organizations.openapi import example
from organizations.reading.expanding import Expansion
from organizations.roles import Role
from organizations.serializers import (
    OrganizationSerializer,
    StrictSerializer,
    access_of,
)

ID = "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"
BOOKKEEPING = {
    "id": ID,
    "version": 3,
    "created_at": "2026-01-05T08:00:00.000000Z",
    "updated_at": "2026-03-02T09:30:00.000000Z",
}
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


PUBLIC_ALONE = frozenset({PUBLIC})


class Visibility:
    """What a member sees of each employee: at most two queries for any number."""

    def __init__(self, access: OrganizationAccess) -> None:
        self.access = access

    @cached_property
    def own_id(self) -> UUID | None:
        """The member's own record as an employee, if there is one."""
        if self.access.user is None:  # a key or an app is nobody
            return None
        employees = Employee.objects.for_organization(self.access.organization)
        own: UUID | None = (
            employees.filter(user=self.access.user).values_list("pk", flat=True).first()
        )
        return own

    @cached_property
    def below(self) -> frozenset[UUID]:
        """All whom the member manages, directly or through others."""
        if self.own_id is None or not self.access.allows("employees:read_team"):
            return frozenset()
        return Employee.objects.all().ids_below(self.own_id)

    @property
    def widest(self) -> frozenset[FieldClass]:
        """What the member sees of anybody."""
        if self.access.allows("employees:read_personal") or self.own_id is not None:
            return EVERYTHING
        return PUBLIC_ALONE

    @property
    def is_same_for_all(self) -> bool:
        """Whether the member sees the same of everybody."""
        return self.access.allows("employees:read_personal") or self.own_id is None

    def of(self, employee_id: UUID) -> frozenset[FieldClass]:
        """Return the classes that the member sees of an employee."""
        if self.access.allows("employees:read_personal"):
            return EVERYTHING
        return classes_seen(
            self.access,
            is_own=employee_id == self.own_id,
            is_above=employee_id in self.below,
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


@example(
    shown=BOOKKEEPING | {"name": "Engineering", "code": "E-100", "parent": None},
    sent={"name": "Engineering", "code": "E-100"},
)
class DepartmentSerializer(OrganizationSerializer[Department]):
    """A part of the organization; `parent` is the one it is part of."""

    class Meta:
        model = Department


@example(shown=BOOKKEEPING | {"title": "Engineer"}, sent={"title": "Engineer"})
class PositionSerializer(OrganizationSerializer[Position]):
    """What somebody is employed as."""

    class Meta:
        model = Position


BERLIN = {
    "name": "Berlin",
    "country": "DE",
    "subdivision": "BE",
    "time_zone": "Europe/Berlin",
}


@example(shown=BOOKKEEPING | BERLIN, sent=BERLIN)
class LocationSerializer(OrganizationSerializer[Location]):
    """Where people work."""

    class Meta:
        model = Location


class StructureFilter(filters.FilterSet):  # type: ignore[misc]
    """What lists of departments, positions and locations are narrowed by."""

    updated_since = filters.IsoDateTimeFilter(
        field_name="updated_at", lookup_expr="gte"
    )


class DepartmentFilter(StructureFilter):
    """Also by the department above."""

    parent = filters.UUIDFilter(field_name="parent_id")
    code = filters.CharFilter()


class LocationFilter(StructureFilter):
    """Also by country."""

    country = filters.CharFilter()


class DepartmentViewSet(BulkViewSet):
    """Departments, a tree."""

    read_scope = "structure:read"
    write_scope = "structure:write"
    delete_scope = "structure:delete"
    serializer_class = DepartmentSerializer
    filterset_class = DepartmentFilter
    search_fields = ("name", "code")
    ordering = ("name", "id")
    ordering_fields = ("id", "name", "code", "created_at", "updated_at")
    expansions: ClassVar[Mapping[str, Expansion]] = {
        "parent": lambda: DepartmentViewSet
    }
    bulk_key = "code"
    bulk = bulk_of("Department", {"name": "Engineering", "code": "E-100"}, key="code")


class PositionViewSet(BulkViewSet):
    """Positions: job titles."""

    read_scope = "structure:read"
    write_scope = "structure:write"
    delete_scope = "structure:delete"
    serializer_class = PositionSerializer
    filterset_class = StructureFilter
    search_fields = ("title",)
    ordering = ("title", "id")
    ordering_fields = ("id", "title", "created_at", "updated_at")
    bulk_key = "title"
    bulk = bulk_of("Position", {"title": "Engineer"}, key="title")


class LocationViewSet(BulkViewSet):
    """Locations, which give their people holidays and a time zone."""

    read_scope = "structure:read"
    write_scope = "structure:write"
    delete_scope = "structure:delete"
    serializer_class = LocationSerializer
    filterset_class = LocationFilter
    search_fields = ("name",)
    ordering = ("name", "id")
    ordering_fields = ("id", "name", "country", "created_at", "updated_at")
    bulk_key = "name"
    bulk = bulk_of("Location", BERLIN, key="name")


class MeSerializer(serializers.Serializer[Any]):
    """Who the credentials stand for, and what they may do."""

    user = serializers.UUIDField(allow_null=True)
    email = serializers.EmailField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    organization = serializers.UUIDField()
    role = serializers.ChoiceField(Role.choices, allow_null=True)
    scopes = serializers.ListField(child=serializers.CharField())
    employee = serializers.UUIDField(
        allow_null=True, help_text="The user's own record as an employee."
    )


class MeView(APIView):
    """The caller."""

    read_scope = "organization:read"
    within_reach = True

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Show whose credentials these are."""
        access = request.auth
        assert isinstance(access, OrganizationAccess)
        me = {
            "user": access.user and access.user.pk,
            "email": access.user and access.user.email,
            "name": access.user and str(access.user),
            "organization": access.organization.pk,
            "role": access.role,
            "scopes": sorted(access.scopes),
            "employee": Visibility(access).own_id,
        }
        return Response(MeSerializer(me).data)
