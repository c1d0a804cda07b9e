"""What integrators read and write of leave."""

import datetime as dt
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
)
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from employees.models import Employee
from leave.ledger import balances_as_of
from leave.models import (
    Holiday,
    HolidayCalendar,
    LeaveAccount,
    LeaveLedgerEntry,
    LeaveRequest,
    LeaveType,
)
from leave.models.calendars import Portion
from leave.models.queries import whose
from leave.services import (
    HolidayPlan,
    Preview,
    approve_leave,
    cancel_leave,
    decline_leave,
    import_holidays,
    plan_holidays,
    preview_request,
    request_leave,
    save_holiday,
    withdraw_leave,
)
from organizations.classes import PERSONAL, PUBLIC, FieldClass
from organizations.models import OrganizationOwned
from organizations.openapi import example
from organizations.serializers import (
    OrganizationRelatedField,
    OrganizationSerializer,
    Row,
    Rows,
    StrictSerializer,
    access_of,
)
from organizations.viewsets import OrganizationReadViewSet, OrganizationViewSet

#: Whoever sees a row of leave at all is the person, their manager or HR.
SEEN = frozenset({PUBLIC, PERSONAL})


BOOKKEEPING = {
    "id": "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f",
    "version": 1,
    "created_at": "2026-01-05T08:00:00.000000Z",
    "updated_at": "2026-03-02T09:30:00.000000Z",
}
ANNUAL = {"name": "Annual leave", "unit": "days", "yearly_grant": "28.00"}
ASKED = {
    "leave_type": "01963a5e-7c2e-7d4a-9a5e-000000000011",
    "first_on": "2026-12-21",
    "last_on": "2026-12-23",
}
BERLIN = {"name": "Berlin", "country": "DE", "subdivision": "BE"}


@example(
    shown=BOOKKEEPING
    | ANNUAL
    | {
        "is_paid": True,
        "is_limited": True,
        "counts_calendar_days": False,
        "certificate_after_days": None,
        "colour": "teal",
        "is_active": True,
    },
    sent=ANNUAL,
)
class LeaveTypeSerializer(OrganizationSerializer[LeaveType]):
    """A kind of leave, and how it is counted."""

    class Meta:
        model = LeaveType


class LeaveTypeViewSet(OrganizationViewSet):
    """Leave types."""

    read_scope = "leave:read"
    write_scope = "leave:manage"
    delete_scope = "leave:delete"
    serializer_class = LeaveTypeSerializer
    search_fields = ("name",)
    ordering = ("name", "id")
    ordering_fields = ("id", "name", "created_at", "updated_at")


# --- Requests -------------------------------------------------------------------------


class AskedSerializer(StrictSerializer):
    """The days that are asked for. Without an employee, one's own."""

    employee = OrganizationRelatedField(
        queryset=Employee._base_manager.all(),
        required=False,
        help_text="Somebody else, for HR.",
    )
    leave_type = OrganizationRelatedField(queryset=LeaveType._base_manager.all())
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    first_portion = serializers.ChoiceField(Portion.choices, default=Portion.FULL)
    last_portion = serializers.ChoiceField(Portion.choices, default=Portion.FULL)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Find out whose leave it is.

        Raises:
            PermissionDenied: for somebody else's, unless HR asks.
        """
        access = access_of(self.context)
        employees = Employee.objects.for_organization(access.organization)
        own = employees.filter(user=access.user, user__isnull=False).first()
        employee = attrs.setdefault("employee", own)
        if employee is None:
            raise serializers.ValidationError(
                {"employee": _("Name the employee: your login belongs to none.")}
            )
        if employee != own and not access.allows("leave:manage"):
            raise PermissionDenied(_("You ask for your own leave alone."))
        return attrs


@example(sent=ASKED | {"note": "To the sea"})
class SubmissionSerializer(AskedSerializer):
    """The days that are asked for, and a note to whoever decides."""

    note = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, default=""
    )


class LeaveDaySerializer(serializers.Serializer[Any]):
    """One day and what it costs."""

    on = serializers.DateField()
    portion = serializers.ChoiceField(Portion.choices)
    charge = serializers.DecimalField(max_digits=9, decimal_places=3)
    reason = serializers.CharField()
    words = serializers.CharField(help_text="The reason, for a person.")


class YearCostSerializer(serializers.Serializer[Any]):
    """What a leave takes from a year, as of its first day there."""

    year = serializers.IntegerField()
    first_on = serializers.DateField()
    charge = serializers.DecimalField(max_digits=9, decimal_places=3)
    before = serializers.DecimalField(max_digits=9, decimal_places=3)
    after = serializers.DecimalField(max_digits=9, decimal_places=3)


class RefusalSerializer(serializers.Serializer[Any]):
    """Why it could not be."""

    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class PreviewSerializer(serializers.Serializer[Preview]):
    """What a leave would cost, and why it could not be granted."""

    charge = serializers.DecimalField(max_digits=9, decimal_places=3)
    is_possible = serializers.BooleanField()
    needs_certificate = serializers.BooleanField()
    days = LeaveDaySerializer(many=True)
    years = YearCostSerializer(many=True)
    refusals = serializers.SerializerMethodField()

    @extend_schema_field(RefusalSerializer(many=True))
    def get_refusals(self, preview: Preview) -> list[dict[str, str]]:
        """Return the refusals as problem documents tell them."""
        return [
            {
                "field": field,
                "code": rule.code or "invalid",
                "message": rule.messages[0],
            }
            for refusal in preview.refusals
            for field, rules in refusal.error_dict.items()
            for rule in rules
        ]


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


class SeenViewSet(OrganizationReadViewSet):
    """Rows that are shown wholly to whom they are shown at all."""

    def visible_classes_of(self, record: Any) -> Iterable[FieldClass]:
        return SEEN

    def read_rows(self, queryset: QuerySet[Any]) -> list[Row]:
        return Rows(self.model, SEEN).read(queryset)


class LeaveRequestViewSet(SeenViewSet):
    """Leave requests: one's own, those of whom one manages, or all, by scope."""

    read_scope = "leave:read"
    write_scope: ClassVar[str] = "leave:request"
    serializer_class = LeaveRequestSerializer
    filterset_class = LeaveRequestFilter
    ordering = ("-first_on", "-id")
    ordering_fields = ("id", "first_on", "last_on", "created_at", "updated_at")

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


# --- Balances and the ledger ----------------------------------------------------------


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

    def get_queryset(self) -> QuerySet[Any]:
        return _seen(super().get_queryset(), self)

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
        return _seen(super().get_queryset(), self, "account__employee__")


def _seen(
    rows: QuerySet[Any], view: OrganizationReadViewSet, prefix: str = "employee__"
) -> QuerySet[Any]:
    """Return the rows of oneself and of whom one manages, or all: by the scopes."""
    if getattr(view, "swagger_fake_view", False):
        return rows
    if view.access.allows("leave:read_all"):
        return rows
    return rows.filter(whose(view.access, prefix))


# --- Calendars ------------------------------------------------------------------------


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

    @extend_schema(request=HolidaySerializer, responses=HolidaySerializer)
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
