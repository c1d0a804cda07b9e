"""Punches, one by one and in batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiExample,
    extend_schema,
)
from rest_framework import exceptions
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from attendance.api.batches import one_or_many, refuse_too_many
from attendance.api.punch_shapes import (
    NEW_PUNCH,
    PUNCH,
    AttendanceReasonSerializer,
    NewPunchSerializer,
    PunchBatchSerializer,
    PunchFilter,
    PunchSerializer,
)
from attendance.api.seen import BY_EMPLOYEE, SEEN, SeenViewSet, own_employee
from attendance.models import Punch
from attendance.services import (
    NewPunch,
    Outcome,
    record_punches,
    void_punch,
)
from attendance.services.punching import MOST_AT_ONCE, Result
from employees.models import Employee
from organizations.json_bodies import Path
from organizations.problems import errors_of
from organizations.reading import Row


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
    expansions = BY_EMPLOYEE

    @extend_schema(
        request=one_or_many("PunchOrPunches", NewPunchSerializer),
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

    def _create_many(self, items: list[Any]) -> Response:
        refuse_too_many(items, MOST_AT_ONCE)
        bodies = [NewPunchSerializer(data=item) for item in items]
        valid = [body.validated_data for body in bodies if body.is_valid()]
        people = self._people(valid)
        read = [self._read(body, people, (at,)) for at, body in enumerate(bodies)]
        outcomes = iter(record_punches([each.punch for each in read if each.punch]))
        return Response(
            {
                "results": [
                    self._shown(next(outcomes) if each.punch else each, (at,))
                    for at, each in enumerate(read)
                ]
            }
        )

    def _read(
        self,
        body: NewPunchSerializer,
        people: Mapping[UUID | None, Employee],
        place: Path,
    ) -> Read:
        if body.errors:
            refusal = exceptions.ValidationError(body.errors)
            return Read(errors=errors_of(refusal, place))
        try:
            return Read(self._punch(body.validated_data, people))
        except exceptions.ValidationError as error:
            return Read(errors=errors_of(error, place))

    def _people(
        self, items: Sequence[Mapping[str, Any]]
    ) -> Mapping[UUID | None, Employee]:
        """Return the employees that items name, by id; None is oneself.

        Raises:
            PermissionDenied: for somebody else's punches, unless the caller may.
        """
        own = own_employee(self.access)
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

    def _shown(self, outcome: Outcome | Read, place: Path) -> Row:
        if isinstance(outcome, Read):
            return {"result": Result.REFUSED, "punch": None, "errors": outcome.errors}
        punch = outcome.punch
        return {
            "result": outcome.result,
            "punch": punch and punch.represent(*SEEN),
            "errors": errors_of(outcome.error, place) if outcome.error else [],
        }

    @extend_schema(request=AttendanceReasonSerializer, responses=PunchSerializer)
    @action(detail=True, methods=["post"], write_scope="attendance:manage")
    def void(self, request: Request, pk: str) -> Response:
        """Declare a punch void. 409 when it is void already."""
        punch = self.get_object()
        body = AttendanceReasonSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.answer(void_punch(punch, **body.validated_data))
