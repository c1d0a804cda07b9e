"""Holiday calendars, by API."""

import datetime as dt
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
)
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from employees.api import LocationViewSet
from leave.api.seen import BOOKKEEPING
from leave.models import (
    Holiday,
    HolidayCalendar,
)
from leave.models.calendars import Portion
from leave.services import (
    HolidayPlan,
    import_holidays,
    plan_holidays,
    save_holiday,
)
from organizations.classes import PUBLIC
from organizations.models import OrganizationOwned
from organizations.openapi import example
from organizations.reading import Row
from organizations.reading.expanding import Expansion
from organizations.serializers import (
    OrganizationSerializer,
    StrictSerializer,
)
from organizations.viewsets import OrganizationViewSet

BERLIN = {"name": "Berlin", "country": "DE", "subdivision": "BE"}


@example(
    shown=BOOKKEEPING | BERLIN | {"location": None, "changed_days": ["2026-03-08"]},
    sent=BERLIN,
)
class HolidayCalendarSerializer(OrganizationSerializer[HolidayCalendar]):
    """The holidays of a location; without one, of everybody else."""

    class Meta:
        model = HolidayCalendar
        read_only_fields: ClassVar = ["changed_days"]


class HolidaySerializer(OrganizationSerializer[Holiday]):
    """A day that is free, wholly or half."""

    class Meta:
        model = Holiday
        read_only_fields: ClassVar = ["calendar", "source"]


@example(sent={"year": 2026, "dry_run": True})
class ImportSerializer(StrictSerializer):
    """Which year; a dry run shows what would change."""

    year = serializers.IntegerField(min_value=1900, max_value=2100)
    dry_run = serializers.BooleanField(default=False)


class HolidayChangeSerializer(serializers.Serializer[Any]):
    """A day that an import adds, changes or removes."""

    on = serializers.DateField()
    name = serializers.CharField()
    portion = serializers.ChoiceField(Portion.choices)


class HolidayPlanSerializer(serializers.Serializer[Any]):
    """What an import changes, or would change."""

    added = HolidayChangeSerializer(many=True)
    changed = HolidayChangeSerializer(many=True)
    removed = HolidayChangeSerializer(many=True)
    unchanged = serializers.IntegerField()
    kept = serializers.IntegerField(help_text="Days of one's own.")


class HolidayCalendarViewSet(OrganizationViewSet):
    """Holiday calendars."""

    read_scope = "leave:read"
    write_scope: ClassVar[str] = "leave:manage"
    delete_scope = "leave:delete"
    serializer_class = HolidayCalendarSerializer
    ordering = ("name", "id")
    ordering_fields = ("id", "name", "created_at", "updated_at")
    query_parameters = frozenset({"year"})
    expansions: ClassVar[Mapping[str, Expansion]] = {
        "location": lambda: LocationViewSet
    }

    @extend_schema(
        parameters=[OpenApiParameter("year", int)],
        responses=HolidaySerializer(many=True),
    )
    @action(detail=True, pagination_class=None)
    def holidays(self, request: Request, pk: str) -> Response:
        """Show the days of a calendar, of one `year` or all."""
        days = self.get_object().holidays.all()
        year = request.query_params.get("year", "")
        if year:
            if not (year.isascii() and year.isdigit() and len(year) == 4):
                raise exceptions.ValidationError({"year": _("Enter a year.")})
            days = days.filter(on__year=int(year))
        return Response(_shown(days))

    @extend_schema(
        request=HolidaySerializer, responses={HTTPStatus.CREATED: HolidaySerializer}
    )
    @holidays.mapping.post
    def add_holiday(self, request: Request, pk: str) -> Response:
        """Put a day of one's own on the calendar, or change what that day is."""
        calendar = self.get_object()
        day = HolidaySerializer(
            data=request.data, context=self.get_serializer_context()
        )
        day.is_valid(raise_exception=True)
        holiday = save_holiday(calendar, **day.validated_data)
        return Response(_shown([holiday])[0], status=HTTPStatus.CREATED)

    @extend_schema(request=ImportSerializer, responses=HolidayPlanSerializer)
    @action(detail=True, methods=["post"], url_path="import", url_name="import")
    def import_(self, request: Request, pk: str) -> Response:
        """Import the public holidays of a year, or show what that would change."""
        calendar = self.get_guarded_object()
        asked = ImportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        take = plan_holidays if asked.validated_data["dry_run"] else import_holidays
        plan = take(calendar, asked.validated_data["year"])
        return Response(_plan(plan))


def _shown(rows: Iterable[OrganizationOwned]) -> list[Row]:
    return [row.represent(PUBLIC) for row in rows]


def _plan(plan: HolidayPlan) -> dict[str, Any]:
    return {
        "added": [_change(day, rule) for day, rule in plan.added],
        "changed": [_change(row.on, rule) for row, rule in plan.changed],
        "removed": [_change(row.on, row) for row in plan.removed],
        "unchanged": len(plan.unchanged),
        "kept": len(plan.kept),
    }


def _change(day: dt.date, what: Any) -> dict[str, Any]:
    return {"on": day, "name": what.name, "portion": str(what.portion)}
