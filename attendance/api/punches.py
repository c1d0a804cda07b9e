"""Punches, one by one and in batches."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import exceptions
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from attendance.api.punch_shapes import (
    NEW_PUNCH,
    PUNCH,
    AttendanceReasonSerializer,
    NewPunchSerializer,
    PunchFilter,
    PunchSerializer,
)
from attendance.api.seen import BY_EMPLOYEE, SeenViewSet, own_employee
from attendance.models import Punch
from attendance.services import (
    NewPunch,
    Outcome,
    punching,
    record_punches,
    void_punch,
)
from attendance.services.punching import MOST_AT_ONCE
from employees.models import Employee
from organizations import bulk
from organizations.bulk import answer_outcomes, bulk_schema, items_of


def _outcome_of(recorded: Outcome) -> bulk.Outcome:
    if recorded.error or recorded.punch is None:
        assert recorded.error
        return recorded.error
    is_new = recorded.result is punching.Result.RECORDED
    return (bulk.Result.CREATED if is_new else bulk.Result.UNCHANGED), recorded.punch


class PunchViewSet(SeenViewSet):
    """Punches: one's own, of those one manages, or all, by scope."""

    write_scope: ClassVar[str] = "attendance:punch"
    serializer_class = PunchSerializer
    filterset_class = PunchFilter
    ordering = ("-punched_at", "-id")
    ordering_fields = ("id", "punched_at", "created_at", "updated_at")
    expansions = BY_EMPLOYEE

    @extend_schema(
        request=NewPunchSerializer,
        examples=[
            OpenApiExample("A clock-in", value=NEW_PUNCH, request_only=True),
            OpenApiExample(
                "Recorded", value=PUNCH, response_only=True, status_codes=["201"]
            ),
        ],
        responses={
            HTTPStatus.CREATED: PunchSerializer,
            HTTPStatus.OK: PunchSerializer,
        },
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record one punch.

        The same punch delivered twice counts once: it answers 200 instead of 201.
        """
        body = NewPunchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        people = self._people([body.validated_data])
        [outcome] = record_punches([self._punch(body.validated_data, people)])
        if outcome.error:
            raise outcome.error
        is_new = outcome.result is punching.Result.RECORDED
        return self.answer(
            outcome.punch, HTTPStatus.CREATED if is_new else HTTPStatus.OK
        )

    @bulk_schema(
        {"$ref": "#/components/schemas/NewPunchRequest"}, NEW_PUNCH, most=MOST_AT_ONCE
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Record up to 1,000 punches, in whatever order.

        Each has a result of its own: one that was delivered before is `unchanged`, one
        that is refused keeps none back.
        """
        bodies = [
            NewPunchSerializer(data=item) for item in items_of(request, MOST_AT_ONCE)
        ]
        valid = [body.validated_data for body in bodies if body.is_valid()]
        people = self._people(valid)
        read = [self._read(body, people) for body in bodies]
        recorded = iter(
            record_punches([each for each in read if isinstance(each, NewPunch)])
        )
        return answer_outcomes(
            request,
            [
                _outcome_of(next(recorded)) if isinstance(each, NewPunch) else each
                for each in read
            ],
        )

    def _read(
        self, body: NewPunchSerializer, people: Mapping[UUID | None, Employee]
    ) -> NewPunch | exceptions.ValidationError:
        """Return the punch that an item is, or what is wrong with it."""
        if body.errors:
            return exceptions.ValidationError(body.errors)
        try:
            return self._punch(body.validated_data, people)
        except exceptions.ValidationError as error:
            return error

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

    @extend_schema(request=AttendanceReasonSerializer, responses=PunchSerializer)
    @action(detail=True, methods=["post"], write_scope="attendance:manage")
    def void(self, request: Request, pk: str) -> Response:
        """Declare a punch void. 409 when it is void already."""
        punch = self.get_object()
        body = AttendanceReasonSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.answer(void_punch(punch, **body.validated_data))
