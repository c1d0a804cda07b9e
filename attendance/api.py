"""What integrators read and write of attendance: punches, days, schedules."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import (
    OpenApiExample,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from attendance.models import (
    AttendanceDay,
    Correction,
    Punch,
    ScheduleAssignment,
    WorkSchedule,
)
from attendance.models.queries import whose
from attendance.services import (
    Asked,
    AskedPunch,
    NewPunch,
    Outcome,
    approve_correction,
    clock_in,
    clock_out,
    decline_correction,
    end_break,
    preview_correction,
    record_punches,
    request_correction,
    start_break,
    void_punch,
    withdraw_correction,
)
from attendance.services.computing import figures
from attendance.services.punching import MOST_AT_ONCE, Result
from employees.models import Employee
from organizations.access import OrganizationAccess
from organizations.classes import PERSONAL, PUBLIC, FieldClass
from organizations.models.organizations import validate_time_zone
from organizations.openapi import example
from organizations.serializers import (
    OrganizationSerializer,
    Row,
    Rows,
    StrictSerializer,
)
from organizations.viewsets import OrganizationReadViewSet, OrganizationViewSet

#: Whoever sees a row of attendance at all is the person, their manager or HR.
SEEN = frozenset({PUBLIC, PERSONAL})
ID = "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"
EMPLOYEE = "01963a5e-7c2e-7d4a-9a5e-000000000001"
BOOKKEEPING = {
    "id": ID,
    "version": 1,
    "created_at": "2026-11-02T08:00:01.000000Z",
    "updated_at": "2026-11-02T08:00:01.000000Z",
}


class SeenViewSet(OrganizationReadViewSet):
    """Rows of oneself, of whom one manages, or of all, by scope; shown wholly."""

    read_scope = "attendance:read"

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(whose(self.access))

    def visible_classes_of(self, record: Any) -> Iterable[FieldClass]:
        return SEEN

    def read_rows(self, queryset: QuerySet[Any]) -> list[Row]:
        return Rows(self.model, SEEN).read(queryset)


class MomentField(serializers.DateTimeField):
    """A moment with its offset from UTC; without one, nobody knows when it was."""

    default_error_messages = {
        "naive": _("Say the moment with its offset, such as 2026-11-02T09:00:00+01:00.")
    }

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        if timezone.is_naive(value):
            self.fail("naive")
        return value.astimezone(dt.UTC)


def _own(access: OrganizationAccess) -> Employee | None:
    """Return the member's own record as an employee, if there is one."""
    if access.user is None:
        return None
    employees = Employee.objects.for_organization(access.organization)
    own: Employee | None = (
        employees.filter(user=access.user)
        .select_related("location", "organization", "manager")
        .first()
    )
    return own


def _own_or_refuse(access: OrganizationAccess) -> Employee:
    own = _own(access)
    if own is None:
        raise exceptions.ValidationError(
            _("Your login belongs to no employee."), code="no_employee"
        )
    return own


# --- Punches --------------------------------------------------------------------------


NEW_PUNCH = {
    "employee": EMPLOYEE,
    "punched_at": "2026-11-02T09:00:00+01:00",
    "direction": "in",
    "time_zone": "Europe/Berlin",
    "device": "gate-1",
    "device_sequence": 4711,
}


@example(sent=NEW_PUNCH)
class NewPunchSerializer(StrictSerializer):
    """A punch to record. Without an employee, one's own; the zone is where it was."""

    employee = serializers.UUIDField(required=False)
    punched_at = MomentField()
    direction = serializers.ChoiceField(Punch.Direction.choices)
    time_zone = serializers.CharField(
        required=False, default="", validators=[validate_time_zone]
    )
    device = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default=""
    )
    device_sequence = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=2**63 - 1,
        help_text="Grows with every punch of the device; delivered again, it is known.",
    )


PUNCH = {
    "id": ID,
    "version": 1,
    "created_at": "2026-11-02T08:00:01.000000Z",
    "updated_at": "2026-11-02T08:00:01.000000Z",
    "employee": EMPLOYEE,
    "punched_at": "2026-11-02T08:00:00.000000Z",
    "time_zone": "Europe/Berlin",
    "direction": "in",
    "source": "api",
    "device": "gate-1",
    "device_sequence": 4711,
    "voided_at": None,
    "void_reason": "",
}


@example(shown=PUNCH)
class PunchSerializer(OrganizationSerializer[Punch]):
    """A punch. It is never edited; one that is void counts no more."""

    class Meta:
        model = Punch
        read_only_fields = ("voided_at", "void_reason", "source")


class PunchErrorSerializer(serializers.Serializer[Any]):
    """What is wrong with one field of one item."""

    field = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()


class PunchOutcomeSerializer(serializers.Serializer[Any]):
    """What became of one punch of a batch, in its order."""

    result = serializers.ChoiceField([each.value for each in Result])
    punch = PunchSerializer(allow_null=True)
    errors = PunchErrorSerializer(many=True)  # type: ignore[assignment]


class PunchBatchSerializer(serializers.Serializer[Any]):
    """What became of each punch of a batch."""

    results = PunchOutcomeSerializer(many=True)


@example(sent={"reason": "Pressed by a colleague"})
class AttendanceReasonSerializer(StrictSerializer):
    """Why."""

    reason = serializers.CharField(max_length=500)


class PunchFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of punches is narrowed by."""

    employee = filters.UUIDFilter(field_name="employee_id")
    direction = filters.ChoiceFilter(choices=Punch.Direction.choices)
    source = filters.ChoiceFilter(choices=Punch.Source.choices)
    device = filters.CharFilter()
    punched_from = filters.IsoDateTimeFilter(field_name="punched_at", lookup_expr="gte")
    punched_to = filters.IsoDateTimeFilter(field_name="punched_at", lookup_expr="lt")
    is_voided = filters.BooleanFilter(
        field_name="voided_at", lookup_expr="isnull", exclude=True
    )
    updated_since = filters.IsoDateTimeFilter(
        field_name="updated_at", lookup_expr="gte"
    )


@dataclass(frozen=True, slots=True)
class Read:
    """One item of a batch as it was read: a punch, or what is wrong with it."""

    punch: NewPunch | None = None
    errors: Sequence[Mapping[str, Any]] = ()


class PunchViewSet(SeenViewSet):
    """Punches: one's own, of those one manages, or all, by scope."""

    write_scope: ClassVar[str] = "attendance:punch"
    serializer_class = PunchSerializer
    filterset_class = PunchFilter
    ordering = ("-punched_at", "-id")
    ordering_fields = ("id", "punched_at", "created_at", "updated_at")

    @extend_schema(
        request=PolymorphicProxySerializer(
            component_name="PunchOrPunches",
            serializers=[NewPunchSerializer, NewPunchSerializer(many=True)],
            resource_type_field_name=None,
            many=False,
        ),
        examples=[
            OpenApiExample("A clock-in", value=NEW_PUNCH, request_only=True),
            OpenApiExample(
                "Recorded", value=PUNCH, response_only=True, status_codes=["201"]
            ),
        ],
        responses={
            HTTPStatus.CREATED: PunchSerializer,
            HTTPStatus.OK: PunchBatchSerializer,
        },
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record one punch, or a list of up to 1,000, in whatever order.

        The same punch delivered twice counts once: it answers 200 instead of 201. Of a
        list, each item has a result of its own; a refused one keeps none back.
        """
        if isinstance(request.data, list):
            return self._create_many(request.data)
        body = NewPunchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        people = self._people([body.validated_data])
        [outcome] = record_punches([self._punch(body.validated_data, people)])
        if outcome.error:
            raise outcome.error
        is_new = outcome.result is Result.RECORDED
        return self.answer(
            outcome.punch, HTTPStatus.CREATED if is_new else HTTPStatus.OK
        )

    def _create_many(self, items: Sequence[Any]) -> Response:
        if len(items) > MOST_AT_ONCE:
            raise exceptions.ValidationError(
                _("At most %(most)d punches at once; these are %(count)d.")
                % {"most": MOST_AT_ONCE, "count": len(items)},
                code="too_many",
            )
        bodies = [NewPunchSerializer(data=item) for item in items]
        valid = [body.validated_data for body in bodies if body.is_valid()]
        people = self._people(valid)
        read = [self._read(body, people) for body in bodies]
        outcomes = iter(record_punches([each.punch for each in read if each.punch]))
        return Response(
            {
                "results": [
                    self._shown(next(outcomes) if each.punch else each) for each in read
                ]
            }
        )

    def _read(
        self, body: NewPunchSerializer, people: Mapping[UUID | None, Employee]
    ) -> Read:
        if body.errors:
            return Read(errors=_told(body.errors))
        try:
            return Read(self._punch(body.validated_data, people))
        except exceptions.ValidationError as error:
            return Read(errors=_told(error.detail))

    def _people(
        self, items: Sequence[Mapping[str, Any]]
    ) -> Mapping[UUID | None, Employee]:
        """Return the employees that items name, by id; None is oneself.

        Raises:
            PermissionDenied: for somebody else's punches, unless the caller may.
        """
        own = _own(self.access)
        wanted = {item["employee"] for item in items if "employee" in item}
        others = wanted - {own.pk if own else None}
        if others and not self.access.allows("attendance:manage"):
            raise PermissionDenied(_("You record your own punches alone."))
        employees = (
            Employee.objects.for_organization(self.access.organization)
            .filter(pk__in=wanted)
            .select_related("location", "organization")
        )
        found: dict[UUID | None, Employee] = {each.pk: each for each in employees}
        return found | ({None: own} if own else {})

    def _punch(
        self, item: Mapping[str, Any], people: Mapping[UUID | None, Employee]
    ) -> NewPunch:
        employee = people.get(item.get("employee"))
        if employee is None:
            raise exceptions.ValidationError(
                {
                    "employee": exceptions.ErrorDetail(
                        _("Choose one that exists. This one was not found."),
                        code="not_found",
                    )
                }
            )
        return NewPunch(
            employee,
            item["punched_at"],
            Punch.Direction(item["direction"]),
            item["time_zone"],
            item["device"],
            item["device_sequence"],
        )

    def _shown(self, outcome: Outcome | Read) -> Row:
        if isinstance(outcome, Read):
            return {"result": Result.REFUSED, "punch": None, "errors": outcome.errors}
        punch = outcome.punch
        return {
            "result": outcome.result,
            "punch": punch and punch.represent(*SEEN),
            "errors": _rules(outcome.error) if outcome.error else [],
        }

    @extend_schema(request=AttendanceReasonSerializer, responses=PunchSerializer)
    @action(detail=True, methods=["post"], write_scope="attendance:manage")
    def void(self, request: Request, pk: str) -> Response:
        """Declare a punch void. 409 when it is void already."""
        punch = self.get_object()
        body = AttendanceReasonSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.answer(void_punch(punch, **body.validated_data))


def _told(errors: Any) -> list[Mapping[str, Any]]:
    """Return REST framework's errors of one item, as problem documents tell them."""
    if not isinstance(errors, Mapping):
        errors = {"": errors}
    return [
        {
            "field": None if name in ("", "non_field_errors") else name,
            "code": detail.code,
            "message": str(detail),
        }
        for name, details in errors.items()
        for detail in (details if isinstance(details, list) else [details])
    ]


def _rules(error: ValidationError) -> list[Mapping[str, Any]]:
    """Return a service's refusal, as problem documents tell it."""
    by_field: Mapping[str, Any] = (
        error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    )
    return [
        {
            "field": name or None,
            "code": rule.code or "invalid",
            "message": rule.messages[0],
        }
        for name, rules in by_field.items()
        for rule in rules
    ]


class ClockView(APIView):
    """One's own clock, pressed now."""

    read_scope = "attendance:read"
    write_scope = "attendance:punch"
    press: Callable[..., Punch]

    @extend_schema(request=None, responses={HTTPStatus.CREATED: PunchSerializer})
    def post(self, request: Request) -> Response:
        """Press it. 409 when the clock says otherwise, with since when."""
        assert isinstance(request.auth, OrganizationAccess)
        me = _own_or_refuse(request.auth)
        punch = type(self).press(me, source=Punch.Source.API)
        return Response(punch.represent(*SEEN), HTTPStatus.CREATED)


class ClockInView(ClockView):
    """Clock in."""

    press = staticmethod(clock_in)


class ClockOutView(ClockView):
    """Clock out."""

    press = staticmethod(clock_out)


class StartBreakView(ClockView):
    """Begin a break."""

    press = staticmethod(start_break)


class EndBreakView(ClockView):
    """End a break."""

    press = staticmethod(end_break)


# --- Days -----------------------------------------------------------------------------


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


# --- Corrections ----------------------------------------------------------------------


class CorrectedPunchSerializer(serializers.Serializer[Any]):
    """One line of a correction."""

    action = serializers.ChoiceField(["add", "void"])
    punch = serializers.UUIDField(allow_null=True)
    punched_at = serializers.DateTimeField()
    time_zone = serializers.CharField()
    direction = serializers.ChoiceField(Punch.Direction.choices)


@example(
    shown=BOOKKEEPING
    | {
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
)
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


@example(
    sent={
        "on": "2026-11-02",
        "add": [{"punched_at": "2026-11-02T17:30:00+01:00", "direction": "out"}],
        "void": [],
        "reason": "Forgot to clock out",
    }
)
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

    def read_rows(self, queryset: QuerySet[Any]) -> list[Row]:
        return [_correction(each) for each in queryset.prefetch_related("punches")]

    @extend_schema(
        request=CorrectionSubmissionSerializer,
        responses={HTTPStatus.CREATED: CorrectionSerializer},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for a correction of one's own day."""
        body = CorrectionSubmissionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = self._asked(body.validated_data)
        created = request_correction(asked, reason=body.validated_data["reason"])
        response = self.answer(created, HTTPStatus.CREATED)
        response["Location"] = request.build_absolute_uri(
            f"{request.path}{created.pk}/"
        )
        return response

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
        me = _own_or_refuse(self.access)
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


# --- Schedules ------------------------------------------------------------------------

OFFICE = {"starts": "09:00", "ends": "17:30", "break_minutes": 30}


WEEK = {"name": "Office", "pattern": {"monday": OFFICE}, "is_default": True}


@example(shown=BOOKKEEPING | WEEK, sent=WEEK)
class WorkScheduleSerializer(OrganizationSerializer[WorkSchedule]):
    """A week of working hours in local time; hours that end earlier end next day."""

    class Meta:
        model = WorkSchedule


class WorkScheduleViewSet(OrganizationViewSet):
    """Work schedules."""

    read_scope = "attendance:read"
    write_scope = "attendance:manage"
    delete_scope = "attendance:delete"
    serializer_class = WorkScheduleSerializer
    search_fields = ("name",)
    ordering = ("name", "id")
    ordering_fields = ("id", "name", "created_at", "updated_at")


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


class ScheduleAssignmentViewSet(SeenViewSet, OrganizationViewSet):
    """Who works by which schedule from when on."""

    write_scope = "attendance:manage"
    delete_scope = "attendance:delete"
    serializer_class = ScheduleAssignmentSerializer
    filterset_class = ScheduleAssignmentFilter
    ordering = ("-effective_on", "-id")
    ordering_fields = ("id", "effective_on", "created_at", "updated_at")
