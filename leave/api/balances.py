"""Balances and the lines of the ledger, by API."""

import datetime as dt
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
)
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from leave.api.seen import SeenViewSet, seen
from leave.ledger import balances_as_of
from leave.models import (
    LeaveAccount,
    LeaveLedgerEntry,
)
from organizations.serializers import (
    OrganizationSerializer,
    Row,
)


class LeaveAccountSerializer(OrganizationSerializer[LeaveAccount]):
    """What one person has of one type, year by year."""

    class Meta:
        model = LeaveAccount


class LeaveAccountFilter(filters.FilterSet):  # type: ignore[misc]
    """What balances are narrowed by; `as_of` adds the balance of a day."""

    employee = filters.UUIDFilter(field_name="employee_id")
    leave_type = filters.UUIDFilter(field_name="leave_type_id")
    as_of = filters.DateFilter(method="pass_over")

    def pass_over(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Narrow nothing: the day is for what is shown, not for which."""
        return rows


AS_OF = OpenApiParameter(
    "as_of", dt.date, description="Also show `balance` on this day (default today)."
)


class LeaveBalanceViewSet(SeenViewSet):
    """Balances, each with `balance`: what its year holds on the day `as_of`."""

    read_scope = "leave:read"
    serializer_class = LeaveAccountSerializer
    filterset_class = LeaveAccountFilter
    ordering = ("employee_id", "id")
    ordering_fields = ("id", "updated_at")
    query_parameters = frozenset({"as_of"})

    def get_queryset(self) -> QuerySet[Any]:
        return seen(super().get_queryset(), self)

    @extend_schema(parameters=[AS_OF])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(parameters=[AS_OF])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().retrieve(request, *args, **kwargs)
        if response.status_code == HTTPStatus.OK:
            del response["ETag"]  # the balance changes with the day as well
            response.data = self._with_balances([response.data])[0]
        return response

    def present(self, rows: Iterable[Any]) -> Any:
        return self._with_balances(list(rows))

    def _with_balances(self, rows: Sequence[Row]) -> Sequence[Row]:
        day = self._day()
        found = balances_as_of([row["id"] for row in rows], day)
        return [
            {**row, "as_of": day, "balance": f"{found[row['id']]:.3f}"} for row in rows
        ]

    def _day(self) -> dt.date:
        text = self.request.query_params.get("as_of")
        if not text:
            return timezone.localdate(timezone=self.access.organization.zone)
        try:
            return dt.date.fromisoformat(text)
        except ValueError as error:
            raise exceptions.ValidationError({"as_of": _("Enter a valid date.")}) from (
                error
            )


class LeaveLedgerEntrySerializer(OrganizationSerializer[LeaveLedgerEntry]):
    """One line of an account; no line is ever changed."""

    class Meta:
        model = LeaveLedgerEntry


class LeaveLedgerFilter(filters.FilterSet):  # type: ignore[misc]
    """What the ledger is narrowed by."""

    account = filters.UUIDFilter(field_name="account_id")
    employee = filters.UUIDFilter(field_name="account__employee_id")
    leave_type = filters.UUIDFilter(field_name="account__leave_type_id")
    request = filters.UUIDFilter(field_name="request_id")
    kind = filters.ChoiceFilter(choices=LeaveLedgerEntry.Kind.choices)
    year = filters.NumberFilter()
    posted_since = filters.IsoDateTimeFilter(field_name="posted_at", lookup_expr="gte")


class LeaveLedgerViewSet(SeenViewSet):
    """The lines of accounts, the latest first."""

    read_scope = "leave:read"
    serializer_class = LeaveLedgerEntrySerializer
    filterset_class = LeaveLedgerFilter
    ordering = ("-posted_at", "-id")
    ordering_fields = ("id", "posted_at")

    def get_queryset(self) -> QuerySet[Any]:
        return seen(super().get_queryset(), self, "account__employee__")
