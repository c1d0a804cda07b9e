"""Leave requests, by API."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import (
    extend_schema,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from leave.api.asking import (
    ASKED,
    AskedSerializer,
    LeaveDaySerializer,
    PreviewSerializer,
    SubmissionSerializer,
)
from leave.api.seen import BOOKKEEPING, SeenViewSet
from leave.api.types import BY_EMPLOYEE_AND_TYPE
from leave.models import (
    LeaveRequest,
)
from leave.services import (
    approve_leave,
    cancel_leave,
    decline_leave,
    preview_request,
    request_leave,
    withdraw_leave,
)
from organizations.openapi import example
from organizations.serializers import (
    OrganizationSerializer,
    StrictSerializer,
)


@example(sent={"reason": "The audit is that week"})
class DeclineSerializer(StrictSerializer):
    """Why not."""

    reason = serializers.CharField(max_length=500)


class CancelSerializer(StrictSerializer):
    """From when on; without a day, all that may be."""

    from_on = serializers.DateField(required=False, allow_null=True, default=None)


@example(
    shown=BOOKKEEPING
    | ASKED
    | {
        "employee": "01963a5e-7c2e-7d4a-9a5e-000000000001",
        "first_portion": "full",
        "last_portion": "full",
        "charge": "3.000",
        "status": "pending",
        "note": "To the sea",
        "decided_by": None,
        "decided_at": None,
        "decline_reason": "",
        "cancelled_from": None,
    }
)
class LeaveRequestSerializer(OrganizationSerializer[LeaveRequest]):
    """A request and what became of it. Its days were frozen when it was asked for."""

    class Meta:
        model = LeaveRequest


class LeaveRequestFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of requests is narrowed by."""

    employee = filters.UUIDFilter(field_name="employee_id")
    leave_type = filters.UUIDFilter(field_name="leave_type_id")
    status = filters.ChoiceFilter(choices=LeaveRequest.Status.choices)
    first_from = filters.DateFilter(field_name="first_on", lookup_expr="gte")
    first_to = filters.DateFilter(field_name="first_on", lookup_expr="lte")
    last_from = filters.DateFilter(field_name="last_on", lookup_expr="gte")
    updated_since = filters.IsoDateTimeFilter(
        field_name="updated_at", lookup_expr="gte"
    )


class LeaveRequestViewSet(SeenViewSet):
    """Leave requests: one's own, those of whom one manages, or all, by scope."""

    read_scope = "leave:read"
    write_scope: ClassVar[str] = "leave:request"
    serializer_class = LeaveRequestSerializer
    filterset_class = LeaveRequestFilter
    ordering = ("-first_on", "-id")
    ordering_fields = ("id", "first_on", "last_on", "created_at", "updated_at")
    expansions = BY_EMPLOYEE_AND_TYPE

    def get_queryset(self) -> QuerySet[Any]:
        rows: Any = super().get_queryset()
        is_real = not getattr(self, "swagger_fake_view", False)
        visible: QuerySet[Any] = rows.visible_to(self.access) if is_real else rows
        return visible

    @extend_schema(request=SubmissionSerializer, responses=LeaveRequestSerializer)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for leave."""
        asked = self._asked(SubmissionSerializer, request)
        created = request_leave(asked.pop("employee"), asked.pop("leave_type"), **asked)
        response = self.answer(created, HTTPStatus.CREATED)
        response["Location"] = request.build_absolute_uri(
            f"{request.path}{created.pk}/"
        )
        return response

    @extend_schema(request=AskedSerializer, responses=PreviewSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Count what a leave would cost; nothing is written."""
        asked = self._asked(AskedSerializer, request)
        preview = preview_request(
            asked.pop("employee"), asked.pop("leave_type"), **asked
        )
        return Response(PreviewSerializer(preview).data)

    @extend_schema(responses=LeaveDaySerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def days(self, request: Request, pk: str) -> Response:
        """Show the days of a request as they were charged."""
        rows = self.get_object().days.all()
        return Response(LeaveDaySerializer(rows, many=True).data)

    @extend_schema(request=None, responses=LeaveRequestSerializer)
    @action(detail=True, methods=["post"], write_scope="leave:approve")
    def approve(self, request: Request, pk: str) -> Response:
        """Grant a pending request. 409 when somebody decided before."""
        return self.answer(approve_leave(self.get_object(), access=self.access))

    @extend_schema(request=DeclineSerializer, responses=LeaveRequestSerializer)
    @action(detail=True, methods=["post"], write_scope="leave:approve")
    def decline(self, request: Request, pk: str) -> Response:
        """Refuse a pending request and say why. 409 when somebody decided before."""
        leave_request = self.get_object()
        decline = DeclineSerializer(data=request.data)
        decline.is_valid(raise_exception=True)
        return self.answer(
            decline_leave(leave_request, access=self.access, **decline.validated_data)
        )

    @extend_schema(request=None, responses=LeaveRequestSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take one's own request back. 409 when somebody decided before."""
        return self.answer(withdraw_leave(self.get_object(), access=self.access))

    @extend_schema(request=CancelSerializer, responses=LeaveRequestSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Give granted leave back, from a day on or all that may be."""
        leave_request = self.get_object()
        cancel = CancelSerializer(data=request.data)
        cancel.is_valid(raise_exception=True)
        return self.answer(
            cancel_leave(leave_request, access=self.access, **cancel.validated_data)
        )

    def _asked(
        self, serializer_class: type[AskedSerializer], request: Request
    ) -> dict[str, Any]:
        asked = serializer_class(
            data=request.data, context=self.get_serializer_context()
        )
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)
