"""Every address of the installation, and how to try it.

A route that is in none of the tables here fails ``test_tenancy``: say which rows its
parameters name (or that it names none), and which scope opens it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.admin import site
from django.db.models import Model
from django.urls import URLResolver, get_resolver

from attendance.models import (
    AttendanceDay,
    Correction,
    Punch,
    ScheduleAssignment,
    WorkSchedule,
)
from employees.models import Department, Employee, Location, Position
from integrations.api_keys.models import ApiKey
from integrations.audit.models import IntegrationEvent, LoggedCall, SecurityRecord
from integrations.gateway.models import AllowedOrigin
from integrations.oauth.models import Application
from integrations.webhooks.models import Delivery, Endpoint, Event
from leave.models import (
    HolidayCalendar,
    LeaveAccount,
    LeaveLedgerEntry,
    LeaveRequest,
    LeaveType,
    WorkWeek,
)
from organizations.models import Membership, TokenFamily

#: What stands for a date in an address: the day of the walk's punches.
A_DATE = "2026-06-02"

#: Whose rows the parameters of a page name.
PAGE_PARAMETERS: dict[str, dict[str, type[Model]]] = {
    "api_keys:key": {"key_id": ApiKey},
    "api_keys:change": {"key_id": ApiKey},
    "api_keys:rotate": {"key_id": ApiKey},
    "api_keys:act": {"key_id": ApiKey},
    "employees:profile": {"employee_id": Employee},
    "employees:reports": {"employee_id": Employee},
    "leave:statement": {"leave_type_id": LeaveType},
    "leave:receipt": {"request_id": LeaveRequest},
    "leave:approve": {"request_id": LeaveRequest},
    "leave:decline": {"request_id": LeaveRequest},
    "leave:withdraw": {"request_id": LeaveRequest},
    "leave:cancel": {"request_id": LeaveRequest},
    "attendance:person_month": {"employee_id": Employee},
    "attendance:person_day": {"employee_id": Employee},
    "attendance:approve": {"correction_id": Correction},
    "attendance:decline": {"correction_id": Correction},
    "attendance:withdraw": {"correction_id": Correction},
    "oauth:withdraw": {"application_id": Application},
}

#: Whose rows ``pk`` names in the API, by what stands before the last dash of its name.
API_ROWS: dict[str, type[Model]] = {
    "api:employee": Employee,
    "api:department": Department,
    "api:position": Position,
    "api:location": Location,
    "api:leave-type": LeaveType,
    "api:leave-request": LeaveRequest,
    "api:leave-balance": LeaveAccount,
    "api:leave-ledger": LeaveLedgerEntry,
    "api:leave-calendar": HolidayCalendar,
    "api:work-week": WorkWeek,
    "api:punch": Punch,
    "api:attendance-day": AttendanceDay,
    "api:correction": Correction,
    "api:work-schedule": WorkSchedule,
    "api:schedule-assignment": ScheduleAssignment,
    "api:app": Application,
    "api:member": Membership,
    "api:allowed-origin": AllowedOrigin,
    "api:api-key": ApiKey,
    "api:token-session": TokenFamily,
    "api:webhook": Endpoint,
    "api:delivery": Delivery,
    "api:event": Event,
    "api:api-call": LoggedCall,
    "api:security-event": SecurityRecord,
    "api:integration-event": IntegrationEvent,
}
API_PARAMETERS: dict[str, type[Model]] = {"endpoint_id": Endpoint}

#: Pages and API routes without a parameter that show or write the organization's rows.
LISTS = {
    "employees:home",
    "employees:directory",
    "employees:org_chart",
    "employees:my_profile",
    "employees:my_profile_edit",
    "leave:overview",
    "leave:request",
    "leave:cost",
    "leave:calendar",
    "leave:inbox",
    "attendance:month",
    "attendance:clock",
    "attendance:team",
    "attendance:day",
    "attendance:correct",
    "attendance:effect",
    "organizations:choose",
    "oauth:apps",
    "api:clock-in",
    "api:clock-out",
    "api:start-break",
    "api:end-break",
    "api:me",
    "api:organization",
    "api:api-key-policy",
    "api_keys:list",
    "api_keys:new",
    "api_keys:policy",
    "api:token-session-list",
    "api:usage",
    "audit:usage",
    "admin:index",
    "admin:search",
    "admin:autocomplete",
    "admin:app_list",
}

#: Routes that know no organization's rows: one's own login, documents, health.
ROWLESS = {
    "problems",
    "problem",
    "monitoring:live",
    "monitoring:ready",
    "monitoring:metrics",
    "api:event-types",
    "api:schema",
    "api:jwks",
    "api:docs",
    "api:unknown",
    "admin:login",
    "admin:logout",
    "admin:password_change",
    "admin:password_change_done",
    "admin:jsi18n",
    "admin:(?P<url>.*)$",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_reauthenticate",
    "account_email",
    "account_email_verification_sent",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_confirm_login_code",
    "account_confirm_email",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_reset_password_done",
    "usersessions_list",
    "oauth:jwks",
    "oauth:authorization-server",
    "oauth:openid-configuration",
    "oauth:protected-resource",
    "oauth:protected-resource-api",
}

#: Routes that name an organization by themselves; tried by tests of their own.
CHOOSING = {
    "oauth:authorize",
    "oauth:token",
    "oauth:revoke",
    "oauth:introspect",
    "oauth:userinfo",
    "oauth:logout",
    "organizations:switch",
    "api:token",
    "api:token-refresh",
    "api:token-revoke",
}

#: The scopes of an admin, by the name of its model: to read, to write.
ADMIN_SCOPES: dict[str, tuple[str, str | None]] = {
    "api_keys_apikey": ("api_keys:read", "api_keys:manage"),
    "attendance_attendanceday": ("attendance:read_all", None),
    "attendance_correction": ("attendance:read_all", None),
    "attendance_punch": ("attendance:read_all", "attendance:manage"),
    "attendance_scheduleassignment": ("attendance:read_all", "attendance:manage"),
    "attendance_workschedule": ("attendance:read_all", "attendance:manage"),
    "employees_department": ("structure:read", "structure:write"),
    "employees_employee": ("employees:read", "employees:write"),
    "employees_employeeimport": ("employees:import", "employees:import"),
    "employees_location": ("structure:read", "structure:write"),
    "employees_position": ("structure:read", "structure:write"),
    "gateway_allowedorigin": ("organization:read", "organization:manage"),
    "leave_holiday": ("leave:read", "leave:manage"),
    "leave_holidaycalendar": ("leave:read", "leave:manage"),
    "leave_leaveaccount": ("leave:read_all", None),
    "leave_leaveledgerentry": ("leave:read_all", None),
    "leave_leaverequest": ("leave:read_all", None),
    "leave_leavetype": ("leave:read", "leave:manage"),
    "leave_workweek": ("leave:read_all", "leave:manage"),
    "oauth_application": ("apps:read", "apps:manage"),
    "organizations_membership": ("members:read", "members:manage"),
    "organizations_organization": ("organization:read", "organization:manage"),
    "rate_limits_allowance": ("organization:read", None),
    "rate_limits_limitrule": ("organization:read", "organization:manage"),
    "webhooks_delivery": ("webhooks:read", None),
    "webhooks_endpoint": ("webhooks:read", "webhooks:manage"),
    "webhooks_event": ("events:read", None),
    "audit_loggedcall": ("audit:read", None),
    "audit_securityrecord": ("audit:read", None),
    "audit_integrationevent": ("audit:read", None),
}
#: The scopes of an admin to delete by, where it is not the one to write by.
ADMIN_DELETE_SCOPES: dict[str, str] = {
    "api_keys_apikey": "api_keys:delete",
    "attendance_scheduleassignment": "attendance:delete",
    "attendance_workschedule": "attendance:delete",
    "employees_department": "structure:delete",
    "employees_employee": "employees:delete",
    "employees_location": "structure:delete",
    "employees_position": "structure:delete",
    "leave_holiday": "leave:delete",
    "leave_holidaycalendar": "leave:delete",
    "leave_leavetype": "leave:delete",
    "leave_workweek": "leave:delete",
    "organizations_membership": "members:delete",
    "webhooks_endpoint": "webhooks:delete",
}
#: What each route of an admin takes: to be opened, to be posted to. Scopes by name;
#: "read" and "write" are the admin's own; None: nobody may, "": whoever may enter.
ADMIN_ROUTES: dict[str, tuple[str | None, str | None]] = {
    "changelist": ("read", "read"),
    "add": ("write", "write"),
    "change": ("read", "write"),
    "delete": ("delete", "delete"),
    "history": ("read", "read"),
    "redirect": ("", ""),
    "terminate_this": ("write", "write"),
    "rehire_this": ("write", "write"),
    "import_year": ("write", "write"),
    "grant_a_year": ("write", "write"),
    "adjust": ("leave:manage", "leave:manage"),
    "grant": ("leave:manage", "leave:manage"),
    "enter": ("leave:manage", "leave:manage"),
    "apply": (None, "write"),
    "progress": ("read", "read"),
    "report": ("read", "read"),
    "send_again": (None, "webhooks:manage"),
    "secret": ("write", "write"),
    "renew_secret": (None, "write"),
    "take_over": (None, "write"),
    "test": (None, "write"),
}
#: Exceptions to it: one's own organization is neither added nor deleted, imports and
#: logs are not edited.
ADMIN_EXCEPTIONS: dict[str, tuple[str | None, str | None]] = {
    "organizations_organization_add": (None, None),
    "organizations_organization_delete": (None, None),
    "employees_employeeimport_change": ("read", "read"),
    "api_keys_apikey_change": ("read", None),
    **{
        f"attendance_{model}_{page}": (reading, None)
        for model in ("attendanceday", "correction")
        for page, reading in (("add", None), ("delete", None), ("change", "read"))
    },
    "attendance_punch_delete": (None, None),
    "attendance_punch_change": ("read", None),
    **{
        f"leave_{model}_{page}": (reading, None)
        for model in ("leaveaccount", "leaveledgerentry", "leaverequest")
        for page, reading in (("add", None), ("delete", None), ("change", "read"))
    },
    "rate_limits_allowance_add": (None, None),
    "rate_limits_allowance_delete": (None, None),
    "rate_limits_allowance_change": ("read", None),
    "webhooks_delivery_add": (None, None),
    "webhooks_delivery_delete": (None, None),
    "webhooks_delivery_change": ("read", None),
    "webhooks_event_add": (None, None),
    "webhooks_event_delete": (None, None),
    "webhooks_event_change": ("read", None),
    **{
        f"audit_{model}_{page}": (reading, None)
        for model in ("loggedcall", "securityrecord", "integrationevent")
        for page, reading in (("add", None), ("delete", None), ("change", "read"))
    },
}
#: Every other route that a scope opens: to be read, to be written.
SCOPES: dict[str, tuple[str | None, str | None]] = {
    "employees:home": ("employees:read", "employees:read"),
    "employees:directory": ("employees:read", "employees:read"),
    "employees:org_chart": ("employees:read", "employees:read"),
    "employees:profile": ("employees:read", "employees:read"),
    "employees:reports": ("employees:read", "employees:read"),
    "employees:my_profile": ("employees:read", "employees:read"),
    "employees:my_profile_edit": ("employees:read", "employees:read"),
    "leave:overview": ("leave:read", None),
    "leave:statement": ("leave:read", None),
    "leave:calendar": ("leave:read", None),
    "leave:inbox": ("leave:read", None),
    "leave:receipt": ("leave:read", None),
    "leave:request": ("leave:request", "leave:request"),
    "leave:cost": ("leave:request", None),
    "leave:approve": (None, "leave:approve"),
    "leave:decline": (None, "leave:approve"),
    "leave:withdraw": (None, "leave:request"),
    "leave:cancel": (None, "leave:request"),
    "attendance:month": ("attendance:read", None),
    "attendance:person_month": ("attendance:read", None),
    "attendance:day": ("attendance:read", None),
    "attendance:person_day": ("attendance:read", None),
    "attendance:team": ("attendance:approve", None),
    "attendance:clock": ("attendance:punch", "attendance:punch"),
    "attendance:correct": ("attendance:punch", "attendance:punch"),
    "attendance:effect": ("attendance:punch", None),
    "attendance:approve": (None, "attendance:approve"),
    "attendance:decline": (None, "attendance:approve"),
    "attendance:withdraw": (None, "attendance:punch"),
    "admin:index": ("admin:access", "admin:access"),
    "admin:search": ("admin:access", "admin:access"),
    "admin:app_list": ("admin:access", "admin:access"),
    "api:me": ("organization:read", None),
    "api:organization": ("organization:read", None),
    "api:event-types": ("webhooks:read", None),
    "api:employee-list": ("employees:read", "employees:write"),
    "api:employee-detail": ("employees:read", "employees:write"),
    "api:employee-rehire": (None, "employees:write"),
    "api:employee-bulk": (None, "employees:write"),
    "api:department-bulk": (None, "structure:write"),
    "api:position-bulk": (None, "structure:write"),
    "api:location-bulk": (None, "structure:write"),
    "api:employee-terminate": (None, "employees:write"),
    "api:department-list": ("structure:read", "structure:write"),
    "api:department-detail": ("structure:read", "structure:write"),
    "api:position-list": ("structure:read", "structure:write"),
    "api:position-detail": ("structure:read", "structure:write"),
    "api:location-list": ("structure:read", "structure:write"),
    "api:location-detail": ("structure:read", "structure:write"),
    "api:leave-type-list": ("leave:read", "leave:manage"),
    "api:leave-type-detail": ("leave:read", "leave:manage"),
    "api:leave-request-list": ("leave:read", "leave:request"),
    "api:leave-request-detail": ("leave:read", None),
    "api:leave-request-days": ("leave:read", None),
    "api:leave-request-preview": (None, "leave:request"),
    "api:leave-request-approve": (None, "leave:approve"),
    "api:leave-request-decline": (None, "leave:approve"),
    "api:leave-request-withdraw": (None, "leave:request"),
    "api:leave-request-cancel": (None, "leave:request"),
    "api:leave-balance-list": ("leave:read", None),
    "api:leave-balance-detail": ("leave:read", None),
    "api:leave-balance-bulk": (None, "leave:manage"),
    "api:leave-ledger-list": ("leave:read", None),
    "api:leave-ledger-detail": ("leave:read", None),
    "api:work-week-list": ("leave:read", "leave:manage"),
    "api:work-week-detail": ("leave:read", "leave:manage"),
    "api:work-week-bulk": (None, "leave:manage"),
    "api:leave-calendar-list": ("leave:read", "leave:manage"),
    "api:leave-calendar-detail": ("leave:read", "leave:manage"),
    "api:leave-calendar-holidays": ("leave:read", "leave:manage"),
    "api:leave-calendar-import": (None, "leave:manage"),
    "api:clock-in": (None, "attendance:punch"),
    "api:clock-out": (None, "attendance:punch"),
    "api:start-break": (None, "attendance:punch"),
    "api:end-break": (None, "attendance:punch"),
    "api:punch-list": ("attendance:read", "attendance:punch"),
    "api:punch-bulk": (None, "attendance:punch"),
    "api:punch-detail": ("attendance:read", None),
    "api:punch-void": (None, "attendance:manage"),
    "api:attendance-day-list": ("attendance:read", None),
    "api:attendance-day-detail": ("attendance:read", None),
    "api:correction-list": ("attendance:read", "attendance:punch"),
    "api:correction-bulk": (None, "attendance:punch"),
    "api:correction-detail": ("attendance:read", None),
    "api:correction-preview": (None, "attendance:punch"),
    "api:correction-approve": (None, "attendance:approve"),
    "api:correction-decline": (None, "attendance:approve"),
    "api:correction-withdraw": (None, "attendance:punch"),
    "api:work-schedule-list": ("attendance:read", "attendance:manage"),
    "api:work-schedule-bulk": (None, "attendance:manage"),
    "api:work-schedule-detail": ("attendance:read", "attendance:manage"),
    "api:schedule-assignment-list": ("attendance:read", "attendance:manage"),
    "api:schedule-assignment-bulk": (None, "attendance:manage"),
    "api:schedule-assignment-detail": ("attendance:read", "attendance:manage"),
    "api:token-session-list": ("organization:read", "organization:read"),
    "api:token-session-detail": ("organization:read", "organization:read"),
    "oauth:apps": ("organization:read", None),
    "oauth:withdraw": (None, "organization:read"),
    "api:app-list": ("apps:read", "apps:manage"),
    "api:app-detail": ("apps:read", "apps:manage"),
    "api:app-renew": (None, "apps:manage"),
    "api:app-takeover": (None, "apps:manage"),
    "api:allowed-origin-list": ("organization:read", "organization:manage"),
    "api:allowed-origin-detail": ("organization:read", "organization:manage"),
    "api:member-list": ("members:read", "members:manage"),
    "api:member-detail": ("members:read", "members:manage"),
    "api_keys:list": ("api_keys:read", None),
    "api_keys:key": ("api_keys:read", None),
    "api_keys:new": ("api_keys:manage", "api_keys:manage"),
    "api_keys:change": ("api_keys:manage", "api_keys:manage"),
    "api_keys:rotate": (None, "api_keys:manage"),
    "api_keys:act": (None, "api_keys:manage"),
    "api_keys:policy": (None, "api_keys:manage"),
    "api:api-key-list": ("api_keys:read", "api_keys:manage"),
    "api:api-key-detail": ("api_keys:read", "api_keys:manage"),
    "api:api-key-usage": ("api_keys:read", None),
    "api:api-key-rotate": (None, "api_keys:manage"),
    "api:api-key-revoke": (None, "api_keys:manage"),
    "api:api-key-disable": (None, "api_keys:manage"),
    "api:api-key-enable": (None, "api_keys:manage"),
    "api:api-key-adopt": (None, "api_keys:manage"),
    "api:api-key-policy": ("api_keys:read", "api_keys:manage"),
    "api:webhook-list": ("webhooks:read", "webhooks:manage"),
    "api:webhook-detail": ("webhooks:read", "webhooks:manage"),
    "api:webhook-test": (None, "webhooks:manage"),
    "api:delivery-list": ("webhooks:read", None),
    "api:delivery-detail": ("webhooks:read", None),
    "api:delivery-retry": (None, "webhooks:manage"),
    "audit:usage": ("audit:read", None),
    "api:usage": ("audit:read", None),
    "api:api-call-list": ("audit:read", None),
    "api:api-call-detail": ("audit:read", None),
    "api:security-event-list": ("audit:read", None),
    "api:security-event-detail": ("audit:read", None),
    "api:integration-event-list": ("audit:read", None),
    "api:integration-event-detail": ("audit:read", None),
    "api:event-list": ("events:read", None),
    "api:event-detail": ("events:read", None),
}
#: The scopes that deleting takes, of the routes that delete.
DELETE_SCOPES: dict[str, str] = {
    "api:employee-detail": "employees:delete",
    "api:department-detail": "structure:delete",
    "api:position-detail": "structure:delete",
    "api:location-detail": "structure:delete",
    "api:leave-type-detail": "leave:delete",
    "api:leave-calendar-detail": "leave:delete",
    "api:work-week-detail": "leave:delete",
    "api:work-schedule-detail": "attendance:delete",
    "api:schedule-assignment-detail": "attendance:delete",
    "api:member-detail": "members:delete",
    "api:allowed-origin-detail": "organization:manage",
    "api:api-key-detail": "api_keys:delete",
    "api:app-detail": "apps:delete",
    "api:token-session-list": "organization:read",
    "api:token-session-detail": "organization:read",
    "api:webhook-detail": "webhooks:delete",
}
#: Routes that any login opens, or none is needed for.
OPEN = (
    (ROWLESS - {"api:event-types"})
    | CHOOSING
    | {
        "organizations:choose",
        "admin:autocomplete",  # asks the admin of what it lists; see test_scopes
    }
)

#: Classes of the API that ask for no scope and stand before the door, on purpose.
OPEN_VIEWS = {
    "DocumentsView",
    "KeySetView",
    "SpectacularAPIView",
    "TokenObtainView",
    "TokenRefreshView",
    "TokenRevokeView",
    "UnknownAddressView",
}


class UnknownRoute(LookupError):
    """A route that is in no table of this module."""

    def __init__(self, route: "Route") -> None:
        super().__init__(
            f"{route.name} ({route.path}) is new: say in tests/project/routes.py "
            "which rows its parameters name, and which scope opens it."
        )


@dataclass(frozen=True)
class Route:
    """One address: its name with its namespaces, and its path with parameters."""

    name: str
    path: str

    def __str__(self) -> str:
        return self.name

    @cached_property
    def parameters(self) -> list[str]:
        """The names of what the address takes; a date names no row."""
        return re.findall(r"<(?!date:)(?:\w+:)?(\w+)>", self.path)

    @cached_property
    def admin(self) -> tuple[Any, str] | None:
        """The admin that serves it, and which of its pages this is."""
        for model, model_admin in site._registry.items():
            kind = f"{model._meta.app_label}_{model._meta.model_name}"
            if self.name.startswith(f"admin:{kind}_"):
                return model_admin, self.name.removeprefix(f"admin:{kind}_")
            app, name = model._meta.app_label, model._meta.model_name
            if self.path == f"admin/{app}/{name}/<path:object_id>/":
                return model_admin, "redirect"
        return None

    @cached_property
    def rows(self) -> dict[str, type[Model]]:
        """Whose rows each parameter names; empty where it names none.

        Raises:
            UnknownRoute: when no table says so.
        """
        if self.admin:
            return dict.fromkeys(self.parameters, self.admin[0].model)
        if self.name in LISTS | ROWLESS | CHOOSING:
            return {}
        if self.name in PAGE_PARAMETERS:
            return PAGE_PARAMETERS[self.name]
        family = self.name.rpartition("-")[0]
        if family in API_ROWS:
            known = API_PARAMETERS | {"pk": API_ROWS[family]}
            if known.keys() >= set(self.parameters):
                return {name: known[name] for name in self.parameters}
        raise UnknownRoute(self)

    @cached_property
    def scopes(self) -> tuple[str | None, str | None]:
        """The scopes that reading and writing take; None where nobody may.

        Raises:
            UnknownRoute: when no table says so.
        """
        if self.admin is None:
            if self.name in SCOPES:
                return SCOPES[self.name]
            raise UnknownRoute(self)
        model_admin, page = self.admin
        kind = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}"
        needed = ADMIN_EXCEPTIONS.get(f"{kind}_{page}", ADMIN_ROUTES.get(page))
        if needed is None or kind not in ADMIN_SCOPES:
            raise UnknownRoute(self)
        own = dict(zip(("read", "write"), ADMIN_SCOPES[kind], strict=True))
        own["delete"] = ADMIN_DELETE_SCOPES.get(kind, own["write"])
        reading, writing = (own.get(scope or "", scope) for scope in needed)
        return reading, writing

    def address(self, ids: dict[str, str]) -> str:
        """Return the address with its parameters filled in."""

        def fill(found: re.Match[str]) -> str:
            return ids[found[1] or found[2]]

        parameter = r"\(\?P<(\w+)>\[\^/\.\]\+\)|<(?:\w+:)?(\w+)>"
        dated = re.sub(r"<date:\w+>", A_DATE, self.path)
        filled = re.sub(parameter, fill, dated)
        return "/" + filled.replace("^", "").replace("$", "")


def all_routes() -> list[Route]:
    """Return every route of the installation, in the order of the resolver."""
    return list(_walk(get_resolver()))


def _walk(
    resolver: URLResolver, prefix: str = "", namespaces: tuple[str, ...] = ()
) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from _walk(entry, path, inner)
        else:
            yield Route(":".join([*namespaces, entry.name or str(entry.pattern)]), path)
