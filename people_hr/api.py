"""Every address of the API."""

from typing import Any

from django.urls import include, path, re_path
from django.utils.translation import gettext as _
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.routers import DefaultRouter
from rest_framework.views import APIView

from attendance.api import (
    AttendanceDayViewSet,
    ClockInView,
    ClockOutView,
    CorrectionViewSet,
    EndBreakView,
    PunchViewSet,
    ScheduleAssignmentViewSet,
    StartBreakView,
    WorkScheduleViewSet,
)
from employees.api import (
    DepartmentViewSet,
    EmployeeViewSet,
    LocationViewSet,
    MeView,
    PositionViewSet,
)
from integrations.api_keys.api import ApiKeyViewSet, KeyPolicyView
from integrations.audit.api import (
    CallViewSet,
    IntegrationEventViewSet,
    SecurityEventViewSet,
    UsageView,
)
from integrations.gateway.api import AllowedOriginViewSet
from integrations.oauth.api import ApplicationViewSet
from integrations.webhooks.api import (
    DeliveryViewSet,
    EndpointViewSet,
    EventTypesView,
    EventViewSet,
)
from leave.api import (
    HolidayCalendarViewSet,
    LeaveBalanceViewSet,
    LeaveLedgerViewSet,
    LeaveRequestViewSet,
    LeaveTypeViewSet,
    WorkWeekViewSet,
)
from organizations.api import (
    KeySetView,
    MembershipViewSet,
    OrganizationView,
    TokenObtainView,
    TokenRefreshView,
    TokenRevokeView,
    TokenSessionsView,
    TokenSessionView,
)


class DocumentsView(SpectacularSwaggerSplitView):
    """The page of the reference, which asks for its script by a parameter."""

    query_parameters = frozenset({"script"})


router = DefaultRouter()
router.include_root_view = False
router.include_format_suffixes = False
router.register("employees", EmployeeViewSet, "employee")
router.register("departments", DepartmentViewSet, "department")
router.register("positions", PositionViewSet, "position")
router.register("locations", LocationViewSet, "location")
router.register("leave/types", LeaveTypeViewSet, "leave-type")
router.register("leave/requests", LeaveRequestViewSet, "leave-request")
router.register("leave/balances", LeaveBalanceViewSet, "leave-balance")
router.register("leave/ledger", LeaveLedgerViewSet, "leave-ledger")
router.register("leave/calendars", HolidayCalendarViewSet, "leave-calendar")
router.register("leave/work-weeks", WorkWeekViewSet, "work-week")
router.register("attendance/punches", PunchViewSet, "punch")
router.register("attendance/days", AttendanceDayViewSet, "attendance-day")
router.register("attendance/corrections", CorrectionViewSet, "correction")
router.register("attendance/schedules", WorkScheduleViewSet, "work-schedule")
router.register(
    "attendance/assignments", ScheduleAssignmentViewSet, "schedule-assignment"
)
router.register("apps", ApplicationViewSet, "app")
router.register("organization/origins", AllowedOriginViewSet, "allowed-origin")
router.register("members", MembershipViewSet, "member")
router.register("api-keys", ApiKeyViewSet, "api-key")
router.register("webhooks", EndpointViewSet, "webhook")
router.register(
    r"webhooks/(?P<endpoint_id>[^/.]+)/deliveries", DeliveryViewSet, "delivery"
)
router.register("events", EventViewSet, "event")
router.register("api-calls", CallViewSet, "api-call")
router.register("security-events", SecurityEventViewSet, "security-event")
router.register("integration-events", IntegrationEventViewSet, "integration-event")


class UnknownAddressView(APIView):
    """What is no address of the API, said as the API says it."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse whatever the method.

        Raises:
            NotFound: always.
        """
        super().initial(request, *args, **kwargs)
        if not request.path.endswith("/"):
            raise exceptions.NotFound(
                _("There is no such address. Ours end with a slash: %(path)s/")
                % {"path": request.path}
            )
        raise exceptions.NotFound(_("There is no such address."))


v1 = [
    path("auth/token/", TokenObtainView.as_view(), name="token"),
    path("auth/token/refresh/", TokenRefreshView.as_view(), name="token-refresh"),
    path("auth/token/revoke/", TokenRevokeView.as_view(), name="token-revoke"),
    path(
        "auth/token/sessions/", TokenSessionsView.as_view(), name="token-session-list"
    ),
    path(
        "auth/token/sessions/<uuid:pk>/",
        TokenSessionView.as_view(),
        name="token-session-detail",
    ),
    path("auth/jwks/", KeySetView.as_view(), name="jwks"),
    path("me/", MeView.as_view(), name="me"),
    path("organization/", OrganizationView.as_view(), name="organization"),
    path("usage/", UsageView.as_view(), name="usage"),
    path("event-types/", EventTypesView.as_view(), name="event-types"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", DocumentsView.as_view(url_name="api:schema"), name="docs"),
    path("attendance/clock-in/", ClockInView.as_view(), name="clock-in"),
    path("attendance/clock-out/", ClockOutView.as_view(), name="clock-out"),
    path("attendance/start-break/", StartBreakView.as_view(), name="start-break"),
    path("attendance/end-break/", EndBreakView.as_view(), name="end-break"),
    path("api-keys/policy/", KeyPolicyView.as_view(), name="api-key-policy"),
    *router.urls,
]

app_name = "api"
urlpatterns = [
    path("v1/", include(v1)),
    re_path(r"", UnknownAddressView.as_view(), name="unknown"),
]
