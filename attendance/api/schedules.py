"""Work schedules, and who works by which."""

from collections.abc import Mapping
from typing import ClassVar

from django_filters import rest_framework as filters

from attendance.api.seen import BOOKKEEPING, BY_EMPLOYEE, EMPLOYEE, ID, SeenViewSet
from attendance.models import (
    ScheduleAssignment,
    WorkSchedule,
)
from organizations.bulk import BulkViewSet, bulk_of
from organizations.openapi import example
from organizations.reading.expanding import Expansion
from organizations.serializers import OrganizationSerializer

OFFICE = {"starts": "09:00", "ends": "17:30", "break_minutes": 30}
WEEK = {"name": "Office", "pattern": {"monday": OFFICE}, "is_default": True}


@example(shown=BOOKKEEPING | WEEK, sent=WEEK)
class WorkScheduleSerializer(OrganizationSerializer[WorkSchedule]):
    """A week of working hours in local time; hours that end earlier end next day."""

    class Meta:
        model = WorkSchedule


class WorkScheduleViewSet(BulkViewSet):
    """Work schedules."""

    read_scope = "attendance:read"
    write_scope = "attendance:manage"
    delete_scope = "attendance:delete"
    serializer_class = WorkScheduleSerializer
    search_fields = ("name",)
    ordering = ("name", "id")
    ordering_fields = ("id", "name", "created_at", "updated_at")
    bulk_key = "name"
    bulk = bulk_of("WorkSchedule", WEEK, key="name")


ASSIGNED = {"employee": EMPLOYEE, "schedule": ID, "effective_on": "2026-11-01"}


@example(shown=BOOKKEEPING | ASSIGNED, sent=ASSIGNED)
class ScheduleAssignmentSerializer(OrganizationSerializer[ScheduleAssignment]):
    """From a day on, somebody works by a schedule."""

    class Meta:
        model = ScheduleAssignment


class ScheduleAssignmentFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of assignments is narrowed by."""

    employee = filters.UUIDFilter(field_name="employee_id")
    schedule = filters.UUIDFilter(field_name="schedule_id")


class ScheduleAssignmentViewSet(SeenViewSet, BulkViewSet):
    """Who works by which schedule from when on."""

    write_scope = "attendance:manage"
    delete_scope = "attendance:delete"
    serializer_class = ScheduleAssignmentSerializer
    filterset_class = ScheduleAssignmentFilter
    ordering = ("-effective_on", "-id")
    ordering_fields = ("id", "effective_on", "created_at", "updated_at")
    expansions: ClassVar[Mapping[str, Expansion]] = {
        **BY_EMPLOYEE,
        "schedule": lambda: WorkScheduleViewSet,
    }
    bulk = bulk_of("ScheduleAssignment", ASSIGNED)
