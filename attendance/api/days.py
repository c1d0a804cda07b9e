"""The results of days."""

from django_filters import rest_framework as filters

from attendance.api.seen import BY_EMPLOYEE, SeenViewSet
from attendance.models import AttendanceDay
from organizations.serializers import OrganizationSerializer


class AttendanceDaySerializer(OrganizationSerializer[AttendanceDay]):
    """The result of a day, computed; all times are whole minutes."""

    class Meta:
        model = AttendanceDay


class AttendanceDayFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of days is narrowed by."""

    employee = filters.UUIDFilter(field_name="employee_id")
    status = filters.MultipleChoiceFilter(choices=AttendanceDay.Status.choices)
    on = filters.DateFilter()
    on_from = filters.DateFilter(field_name="on", lookup_expr="gte")
    on_to = filters.DateFilter(field_name="on", lookup_expr="lte")
    updated_since = filters.IsoDateTimeFilter(
        field_name="updated_at", lookup_expr="gte"
    )


class AttendanceDayViewSet(SeenViewSet):
    """Days that have punches, or whose shift has ended."""

    serializer_class = AttendanceDaySerializer
    filterset_class = AttendanceDayFilter
    ordering = ("-on", "-id")
    ordering_fields = ("id", "on", "created_at", "updated_at")
    expansions = BY_EMPLOYEE
