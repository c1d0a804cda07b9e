"""The admin's rooms, in the order in which HR looks for them."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Room = tuple[Promise, str, str, str]

#: Of each room: its words, icon, address by name, and the scope that opens it.
ROOMS: list[tuple[Promise | None, list[Room]]] = [
    (None, [(_("Today"), "today", "admin:index", "admin:access")]),
    (
        _("People"),
        [
            (
                _("Employees"),
                "group",
                "admin:employees_employee_changelist",
                "employees:read",
            ),
            (
                _("Departments"),
                "account_tree",
                "admin:employees_department_changelist",
                "structure:read",
            ),
            (
                _("Positions"),
                "badge",
                "admin:employees_position_changelist",
                "structure:read",
            ),
            (
                _("Locations"),
                "location_on",
                "admin:employees_location_changelist",
                "structure:read",
            ),
            (
                _("Import"),
                "upload_file",
                "admin:employees_employeeimport_changelist",
                "employees:import",
            ),
        ],
    ),
    (
        _("Leave"),
        [
            (
                _("Requests"),
                "beach_access",
                "admin:leave_leaverequest_changelist",
                "leave:read_all",
            ),
            (
                _("Balances"),
                "account_balance_wallet",
                "admin:leave_leaveaccount_changelist",
                "leave:read_all",
            ),
            (
                _("Ledger"),
                "receipt_long",
                "admin:leave_leaveledgerentry_changelist",
                "leave:read_all",
            ),
            (
                _("Types"),
                "category",
                "admin:leave_leavetype_changelist",
                "leave:read",
            ),
            (
                _("Holiday calendars"),
                "calendar_month",
                "admin:leave_holidaycalendar_changelist",
                "leave:read",
            ),
            (
                _("Holidays"),
                "celebration",
                "admin:leave_holiday_changelist",
                "leave:read",
            ),
            (
                _("Work weeks"),
                "view_week",
                "admin:leave_workweek_changelist",
                "leave:read_all",
            ),
        ],
    ),
    (
        _("Time"),
        [
            (
                _("Days"),
                "calendar_today",
                "admin:attendance_attendanceday_changelist",
                "attendance:read_all",
            ),
            (
                _("Punches"),
                "fingerprint",
                "admin:attendance_punch_changelist",
                "attendance:read_all",
            ),
            (
                _("Corrections"),
                "edit_calendar",
                "admin:attendance_correction_changelist",
                "attendance:read_all",
            ),
            (
                _("Work schedules"),
                "schedule",
                "admin:attendance_workschedule_changelist",
                "attendance:read_all",
            ),
            (
                _("Who works when"),
                "assignment_ind",
                "admin:attendance_scheduleassignment_changelist",
                "attendance:read_all",
            ),
        ],
    ),
    (
        _("Integrations"),
        [
            (
                _("Endpoints"),
                "webhook",
                "admin:webhooks_endpoint_changelist",
                "webhooks:read",
            ),
            (
                _("Apps"),
                "apps",
                "admin:oauth_application_changelist",
                "apps:read",
            ),
            (
                _("API keys"),
                "vpn_key",
                "admin:api_keys_apikey_changelist",
                "api_keys:read",
            ),
            (
                _("Deliveries"),
                "local_shipping",
                "admin:webhooks_delivery_changelist",
                "webhooks:read",
            ),
            (
                _("Events"),
                "history",
                "admin:webhooks_event_changelist",
                "events:read",
            ),
            (_("Usage"), "monitoring", "audit:usage", "audit:read"),
            (
                _("API calls"),
                "list_alt",
                "admin:audit_loggedcall_changelist",
                "audit:read",
            ),
            (
                _("Integration events"),
                "sync_alt",
                "admin:audit_integrationevent_changelist",
                "audit:read",
            ),
            (
                _("Security events"),
                "shield",
                "admin:audit_securityrecord_changelist",
                "audit:read",
            ),
        ],
    ),
    (
        _("Organization"),
        [
            (
                _("Members"),
                "key",
                "admin:organizations_membership_changelist",
                "members:read",
            ),
            (
                _("Allowed origins"),
                "public",
                "admin:gateway_allowedorigin_changelist",
                "organization:read",
            ),
            (
                _("Limits"),
                "speed",
                "admin:rate_limits_limitrule_changelist",
                "organization:read",
            ),
            (
                _("Allowances"),
                "vertical_align_top",
                "admin:rate_limits_allowance_changelist",
                "organization:read",
            ),
            (
                _("Settings"),
                "settings",
                "admin:organizations_organization_changelist",
                "organization:read",
            ),
        ],
    ),
    (
        _("Pages"),
        [
            (_("Home"), "home", "employees:home", "employees:read"),
            (_("Directory"), "contacts", "employees:directory", "employees:read"),
        ],
    ),
]


def sidebar(request: Any) -> list[dict[str, Any]]:
    """Return the rooms that the member may open, in groups, as the theme takes them."""
    groups = [
        {"title": title, "separator": False, "items": _open(request, rooms)}
        for title, rooms in ROOMS
    ]
    return [group for group in groups if group["items"]]


def _open(request: Any, rooms: list[Room]) -> list[dict[str, Any]]:
    return [
        {
            "title": words,
            "icon": icon,
            "link": (link := reverse(name)),
            "active": _is_here(request.path, link),
        }
        for words, icon, name, scope in rooms
        if request.access.allows(scope)
    ]


def _is_here(path: str, link: str) -> bool:
    """Say whether a page lies in a room; the first page and home are rooms of one."""
    return path == link or (link.count("/") > 2 and path.startswith(link))


def stylesheet(request: HttpRequest) -> str:
    """Return the address of what our admin adds to the theme."""
    return static("people_hr/admin.css")


def script(request: HttpRequest) -> str:
    """Return the address of what our admin mends in the theme."""
    return static("people_hr/admin.js")


def favicon(request: HttpRequest) -> str:
    """Return the address of the mark."""
    return static("people_hr/mark.svg")
