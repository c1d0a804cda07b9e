"""Who may do what: the one table of roles and scopes.

A scope is ``subject:action``. A role holds scopes; a credential (session, token) never
holds more than the role of its member. ``docs/roles.md`` is printed from this table.
"""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a member is to their organization."""

    OWNER = "owner", _("Owner")
    HR_ADMIN = "hr_admin", _("HR admin")
    HR = "hr", _("HR")
    MANAGER = "manager", _("Manager")
    EMPLOYEE = "employee", _("Employee")
    AUDITOR = "auditor", _("Auditor")


SCOPES: dict[str, Promise] = {
    "employees:read": _("See the directory: public fields of every employee"),
    "employees:read_team": _("See personal fields of the people one manages"),
    "employees:read_personal": _("See personal fields of every employee"),
    "employees:write": _("Hire, change, terminate and rehire employees"),
    "employees:delete": _("Erase employees' records"),
    "employees:import": _("Import employees from a file"),
    "structure:read": _("See departments, positions and locations"),
    "structure:write": _("Change departments, positions and locations"),
    "structure:delete": _("Remove departments, positions and locations"),
    "leave:read": _("See your own leave, and when colleagues are away"),
    "leave:request": _("Ask for leave, withdraw it and give it back"),
    "leave:approve": _("Decide about the leave of the people one manages"),
    "leave:approve_all": _("Decide about everybody's leave but your own"),
    "leave:read_all": _("See everybody's leave and balances"),
    "leave:manage": _("Change leave types and calendars, grant and adjust balances"),
    "leave:delete": _("Remove leave types, calendars and holidays"),
    "attendance:read": _("See your own time: punches, days, corrections"),
    "attendance:punch": _("Clock in and out, and ask for corrections"),
    "attendance:approve": _(
        "See the time of the people one manages, and decide their corrections"
    ),
    "attendance:approve_all": _("Decide everybody's corrections but your own"),
    "attendance:read_all": _("See everybody's time"),
    "attendance:manage": _("Change work schedules, record and void punches"),
    "attendance:delete": _("Remove work schedules, and who works by them"),
    "events:read": _("Read the event log"),
    "webhooks:read": _("See webhook endpoints and their deliveries"),
    "webhooks:manage": _("Add, change, test and resend webhooks"),
    "webhooks:delete": _("Remove webhook endpoints"),
    "api_keys:read": _("See API keys, and when they were used"),
    "api_keys:manage": _("Make, change, rotate and revoke API keys"),
    "api_keys:delete": _("Remove API keys that have ended"),
    "apps:read": _("See the apps of the organization, and what they may do"),
    "apps:manage": _("Register apps, change them and renew their secrets"),
    "apps:delete": _("Remove apps of the organization"),
    "audit:read": _("See API usage, the call log and the security log"),
    "members:read": _("See who is a member, with which role"),
    "members:manage": _("Invite members and change their roles"),
    "members:delete": _("End memberships"),
    "organization:read": _("See the organization's settings"),
    "organization:manage": _("Change the organization's settings"),
    "admin:access": _("Open the HR admin"),
}

_EMPLOYEE = {
    "employees:read",
    "structure:read",
    "organization:read",
    "leave:read",
    "leave:request",
    "attendance:read",
    "attendance:punch",
}
_MANAGER = _EMPLOYEE | {"employees:read_team", "leave:approve", "attendance:approve"}
_HR = _MANAGER | {
    "employees:read_personal",
    "employees:write",
    "employees:import",
    "structure:write",
    "leave:approve_all",
    "leave:read_all",
    "leave:manage",
    "attendance:approve_all",
    "attendance:read_all",
    "attendance:manage",
    "employees:delete",
    "structure:delete",
    "leave:delete",
    "attendance:delete",
    "members:read",
    "admin:access",
}
_HR_ADMIN = _HR | {
    "events:read",
    "audit:read",
    "webhooks:read",
    "webhooks:manage",
    "api_keys:read",
    "api_keys:manage",
    "apps:read",
    "members:manage",
    "webhooks:delete",
    "api_keys:delete",
    "apps:delete",
    "members:delete",
}
_AUDITOR = {scope for scope in SCOPES if ":read" in scope} | {"admin:access"}

ROLE_SCOPES: dict[Role, frozenset[str]] = {
    Role.OWNER: frozenset(SCOPES),
    Role.HR_ADMIN: frozenset(_HR_ADMIN),
    Role.HR: frozenset(_HR),
    Role.MANAGER: frozenset(_MANAGER),
    Role.EMPLOYEE: frozenset(_EMPLOYEE),
    Role.AUDITOR: frozenset(_AUDITOR),
}
