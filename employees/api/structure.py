"""Departments, positions and locations, by API."""

from collections.abc import Mapping
from typing import ClassVar

from django_filters import rest_framework as filters

from employees.api.bookkeeping import BOOKKEEPING
from employees.models import Department, Location, Position
from organizations.bulk import BulkViewSet, bulk_of
from organizations.openapi import example
from organizations.reading.expanding import Expansion
from organizations.serializers import (
    OrganizationSerializer,
)


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
