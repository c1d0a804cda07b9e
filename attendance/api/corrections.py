"""Corrections: asked for, previewed, decided."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from attendance.api.punch_shapes import AttendanceReasonSerializer
from attendance.api.seen import (
    BOOKKEEPING,
    BY_EMPLOYEE,
    EMPLOYEE,
    SEEN,
    MomentField,
    SeenViewSet,
    own_employee_or_refuse,
)
from attendance.models import (
    AttendanceDay,
    Correction,
    Punch,
)
from attendance.services import (
    Asked,
    AskedPunch,
    approve_correction,
    decline_correction,
    preview_correction,
    request_correction,
    withdraw_correction,
)
from attendance.services.computing import figures
from organizations.bulk import Result, answer_items, bulk_schema, items_of
from organizations.openapi import example
from organizations.reading import Row
from organizations.serializers import (
    OrganizationSerializer,
    StrictSerializer,
)


class CorrectedPunchSerializer(serializers.Serializer[Any]):
    """One line of a correction."""

    action = serializers.ChoiceField(["add", "void"])
    punch = serializers.UUIDField(allow_null=True)
    punched_at = serializers.DateTimeField()
    time_zone = serializers.CharField()
    direction = serializers.ChoiceField(Punch.Direction.choices)


CORRECTION = BOOKKEEPING | {
    "employee": EMPLOYEE,
    "on": "2026-11-02",
    "reason": "Forgot to clock out",
    "status": "pending",
    "before": {"status": "missing_punch", "worked_minutes": 0},
    "after": {"status": "present", "worked_minutes": 510},
    "applied": {},
    "decided_by": None,
    "decided_at": None,
    "decline_reason": "",
    "punches": [
        {
            "action": "add",
            "punch": None,
            "punched_at": "2026-11-02T16:30:00.000000Z",
            "time_zone": "Europe/Berlin",
            "direction": "out",
        }
    ],
}


@example(shown=CORRECTION)
class CorrectionSerializer(OrganizationSerializer[Correction]):
    """A correction, its lines, and the day's figures before and after it."""

    punches = CorrectedPunchSerializer(many=True, read_only=True)

    class Meta:
        model = Correction

    def get_field_names(
        self, declared_fields: Mapping[str, Any], info: Any
    ) -> list[str]:
        return [*super().get_field_names(declared_fields, info), "punches"]

    def to_representation(self, instance: Correction) -> Row:
        return _correction(instance)


def _correction(correction: Correction) -> Row:
    """Return a correction with its lines, which are read along for many."""
    names = ("action", "punch_id", "punched_at", "time_zone", "direction")
    lines = [
        {name.removesuffix("_id"): getattr(line, name) for name in names}
        for line in correction.punches.all()
    ]
    return correction.represent(*SEEN) | {"punches": lines}


class AddedPunchSerializer(StrictSerializer):
    """A punch that is missing."""

    punched_at = MomentField()
    direction = serializers.ChoiceField(Punch.Direction.choices)


@example(
    sent={
        "on": "2026-11-02",
        "add": [{"punched_at": "2026-11-02T17:30:00+01:00", "direction": "out"}],
        "void": [],
    }
)
class CorrectionAskedSerializer(StrictSerializer):
    """Punches of one's own day to add, and to void."""

    on = serializers.DateField()
    add = AddedPunchSerializer(many=True, required=False, default=list)
    void = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, max_length=100
    )


SUBMITTED = {
    "on": "2026-11-02",
    "add": [{"punched_at": "2026-11-02T17:30:00+01:00", "direction": "out"}],
    "void": [],
    "reason": "Forgot to clock out",
}


@example(sent=SUBMITTED)
class CorrectionSubmissionSerializer(CorrectionAskedSerializer):
    """The same, and what happened."""

    reason = serializers.CharField(max_length=500)


class DayFiguresSerializer(serializers.Serializer[Any]):
    """The figures of a day."""

    status = serializers.ChoiceField(AttendanceDay.Status.choices)
    worked_minutes = serializers.IntegerField()
    break_minutes = serializers.IntegerField()
    required_minutes = serializers.IntegerField()
    difference_minutes = serializers.IntegerField()
    late_minutes = serializers.IntegerField()


class CorrectionPreviewSerializer(serializers.Serializer[Any]):
    """The day as it is, and as it would be."""

    before = DayFiguresSerializer()
    after = DayFiguresSerializer()


class CorrectionFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of corrections is narrowed by."""

    employee = filters.UUIDFilter(field_name="employee_id")
    status = filters.ChoiceFilter(choices=Correction.Status.choices)
    on_from = filters.DateFilter(field_name="on", lookup_expr="gte")
    on_to = filters.DateFilter(field_name="on", lookup_expr="lte")
    updated_since = filters.IsoDateTimeFilter(
        field_name="updated_at", lookup_expr="gte"
    )


class CorrectionViewSet(SeenViewSet):
    """Corrections: one's own, of those one manages, or all, by scope."""

    write_scope: ClassVar[str] = "attendance:punch"
    serializer_class = CorrectionSerializer
    filterset_class = CorrectionFilter
    ordering = ("-on", "-id")
    ordering_fields = ("id", "on", "created_at", "updated_at")
    expansions = BY_EMPLOYEE

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().prefetch_related("punches")

    def show_records(self, records: list[Correction]) -> list[Row]:
        """Return corrections with their lines."""
        return [_correction(each) for each in records]

    @extend_schema(
        request=CorrectionSubmissionSerializer,
        responses={HTTPStatus.CREATED: CorrectionSerializer},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for a correction of one's own day."""
        correction = self._submit(request.data)
        response = self.answer(correction, HTTPStatus.CREATED)
        address = request.build_absolute_uri(f"{request.path}{correction.pk}/")
        response["Location"] = address
        return response

    @bulk_schema(
        {"$ref": "#/components/schemas/CorrectionSubmissionRequest"}, SUBMITTED
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Ask for corrections of up to 200 of one's own days.

        Each has a result of its own; one that is refused keeps none back.
        """
        return answer_items(
            request,
            items_of(request),
            lambda item: (Result.CREATED, self._submit(item)),
        )

    def _submit(self, body: Any) -> Correction:
        submitted = CorrectionSubmissionSerializer(data=body)
        submitted.is_valid(raise_exception=True)
        answer = submitted.validated_data
        return request_correction(self._asked(answer), reason=answer["reason"])

    @extend_schema(
        request=CorrectionAskedSerializer, responses=CorrectionPreviewSerializer
    )
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Show the day as it is and as it would be; nothing is written."""
        body = CorrectionAskedSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        before, after = preview_correction(self._asked(body.validated_data))
        return Response({"before": figures(before), "after": figures(after)})

    def _asked(self, body: Mapping[str, Any]) -> Asked:
        me = own_employee_or_refuse(self.access)
        wanted = set(body["void"])
        found = Punch.objects.live().filter(employee=me, pk__in=wanted)
        punches = list(found.order_by("punched_at"))
        if len(punches) < len(wanted):
            raise exceptions.ValidationError(
                {
                    "void": exceptions.ErrorDetail(
                        _("Choose a punch of that day that counts."), code="not_found"
                    )
                }
            )
        added = [
            AskedPunch(each["punched_at"], Punch.Direction(each["direction"]))
            for each in body["add"]
        ]
        return Asked(me, body["on"], added, punches)

    @extend_schema(request=None, responses=CorrectionSerializer)
    @action(detail=True, methods=["post"], write_scope="attendance:approve")
    def approve(self, request: Request, pk: str) -> Response:
        """Apply a correction. 409 when somebody decided before."""
        return self.answer(approve_correction(self.get_object(), access=self.access))

    @extend_schema(request=AttendanceReasonSerializer, responses=CorrectionSerializer)
    @action(detail=True, methods=["post"], write_scope="attendance:approve")
    def decline(self, request: Request, pk: str) -> Response:
        """Leave the day as it is and say why. 409 when somebody decided before."""
        correction = self.get_object()
        body = AttendanceReasonSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.answer(
            decline_correction(correction, access=self.access, **body.validated_data)
        )

    @extend_schema(request=None, responses=CorrectionSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take one's own correction back. 409 when somebody decided before."""
        correction = self.get_object()
        if correction.employee.user_id != (self.access.user and self.access.user.pk):
            raise exceptions.NotFound
        return self.answer(withdraw_correction(correction, access=self.access))
