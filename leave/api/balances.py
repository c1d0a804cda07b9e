"""Balances and the lines of the ledger, by API."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from leave.api.postings import A_GRANT, AN_ADJUSTMENT, POSTING, apply_posting
from leave.api.requests import LeaveRequestViewSet
from leave.api.seen import SeenViewSet, seen
from leave.api.types import BY_EMPLOYEE_AND_TYPE
from leave.ledger import balances_as_of
from leave.models import (
    LeaveAccount,
    LeaveLedgerEntry,
)
from organizations.bulk import answer_items, bulk_schema, items_of
from organizations.reading import Row
from organizations.reading.expanding import Expansion
from organizations.serializers import OrganizationSerializer


class LeaveAccountSerializer(OrganizationSerializer[LeaveAccount]):
    """What one person has of one type, year by year."""

    as_of = serializers.DateField(read_only=True)
    balance = serializers.DecimalField(
        max_digits=9,
        decimal_places=3,
        read_only=True,
        help_text="What its year holds on the day `as_of`.",
    )

    class Meta:
        model = LeaveAccount

    def get_field_names(
        self, declared_fields: Mapping[str, Any], info: Any
    ) -> list[str]:
        return [*super().get_field_names(declared_fields, info), "as_of", "balance"]


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


@extend_schema_view(
    list=extend_schema(parameters=[AS_OF]), retrieve=extend_schema(parameters=[AS_OF])
)
class LeaveBalanceViewSet(SeenViewSet):
    """Balances, each with `balance`: what its year holds on the day `as_of`."""

    read_scope = "leave:read"
    write_scope = "leave:manage"
    serializer_class = LeaveAccountSerializer
    filterset_class = LeaveAccountFilter
    ordering = ("employee_id", "id")
    ordering_fields = ("id", "updated_at")
    query_parameters = frozenset({"as_of"})
    expansions = BY_EMPLOYEE_AND_TYPE
    extra_fields = ("as_of", "balance")
    is_told_by_version = False  # the balance changes with the day as well

    def get_queryset(self) -> QuerySet[Any]:
        return seen(super().get_queryset(), self)

    @bulk_schema(POSTING, A_GRANT, AN_ADJUSTMENT)
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Grant and adjust up to 200 at once.

        Each item has a result of its own, with the id of the balance. The same grant,
        or an adjustment with the same `key`, counts once however often it is sent.
        """
        context = {**self.get_serializer_context(), "related": {}}
        return answer_items(
            request, items_of(request), lambda item: apply_posting(item, context)
        )

    def complete(self, rows: list[Row]) -> list[Row]:
        """Add the balances of a day: one query for all."""
        day = self._day()
        found = balances_as_of([UUID(row["id"]) for row in rows], day)
        for row in rows:
            row["as_of"] = day
            row["balance"] = f"{found[UUID(row['id'])]:.3f}"
        return rows

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
    expansions: ClassVar[Mapping[str, Expansion]] = {
        "account": lambda: LeaveBalanceViewSet,
        "request": lambda: LeaveRequestViewSet,
    }

    def get_queryset(self) -> QuerySet[Any]:
        return seen(super().get_queryset(), self, "account__employee__")
