"""An organization with one row of everything, for walks over all routes."""

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model
from django.utils import timezone

from attendance.models import (
    AttendanceDay,
    OpenSession,
    Punch,
    Settlement,
    StaleDays,
)
from attendance.services import Asked, AskedPunch, request_correction
from employees.models import Employee, EmployeeImport
from employees.services import next_number
from integrations.api_keys.models import KeyPolicy, KeyUse
from integrations.audit.events import IntegrationKind, log_integration_event
from integrations.audit.models import IntegrationEvent, LoggedCall, SecurityRecord
from integrations.gateway.models import AllowedOrigin, KeptAnswer
from integrations.oauth.models import AccessToken, Consent, Grant, RefreshToken
from integrations.rate_limits.models import Allowance, LimitRule
from integrations.webhooks.models import Attempt, Delivery, Event
from leave.models import LeaveAccount, LeaveLedgerEntry
from leave.services import grant_leave, request_leave, save_holiday
from organizations.models import (
    Membership,
    Organization,
    OrganizationOwned,
    TokenFamily,
    User,
)
from organizations.roles import Role
from organizations.security import SecurityKind, tell
from tests.factories import (
    DepartmentFactory,
    EmployeeFactory,
    EndpointFactory,
    LocationFactory,
    MembershipFactory,
    OrganizationFactory,
    PositionFactory,
)
from tests.factories.api_keys import ApiKeyFactory
from tests.factories.attendance import (
    PunchFactory,
    ScheduleAssignmentFactory,
    WorkScheduleFactory,
)
from tests.factories.leave import (
    HolidayCalendarFactory,
    LeaveTypeFactory,
    WorkWeekFactory,
)
from tests.factories.oauth import ApplicationFactory

#: A working day of whatever year it is, which the world's leave is about.
LEAVE_ON = dt.date(2026, 6, 1)
#: The day that its punches are about.
WORKED_ON = dt.date(2026, 6, 2)


@dataclass(frozen=True)
class World:
    """An organization; of each model the row that its routes are tried with."""

    organization: Organization
    mark: str
    rows: dict[type[Model], Any]

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        """Return all that the database holds of the organization, as it is."""
        with connection.cursor() as cursor:
            cursor.execute(_snapshot(), {"organization": self.organization.pk})
            return {label: json.loads(rows or "[]") for label, rows in cursor}

    def ids(self) -> set[str]:
        """Return the ids of all its rows, as addresses and documents write them."""
        ids = {
            row["id"]
            for label, rows in self.snapshot().items()
            for row in rows
            if label not in {"organization", "users"}
        }
        return {text for key in ids for text in (str(key), UUID(str(key)).hex)}


def owned_models() -> list[type[OrganizationOwned]]:
    """Return every model whose rows belong to an organization."""
    return [
        model for model in apps.get_models() if issubclass(model, OrganizationOwned)
    ]


@cache
def _snapshot() -> str:
    """Return one statement for everything: a walk asks it hundreds of times."""
    rows = [
        (model._meta.label, model, "row.organization_id = %(organization)s")
        for model in owned_models()
    ]
    rows.append(("organization", Organization, "row.id = %(organization)s"))
    members = Membership._meta.db_table
    its_members = (
        f'row.id IN (SELECT user_id FROM "{members}" '
        "WHERE organization_id = %(organization)s)"
    )
    rows.append(("users", User, its_members))
    return " UNION ALL ".join(
        f"SELECT '{label}', "
        f'jsonb_agg(to_jsonb(row) ORDER BY row."{model._meta.pk.column}")'
        f' FROM "{model._meta.db_table}" AS row WHERE {condition}'
        for label, model, condition in rows
    )


def references(world: World, other: World) -> list[str]:
    """Return every foreign key of a world's rows that names a row of the other's."""
    asked = "WITH others AS (SELECT unnest(%(ids)s) AS id) " + " UNION ALL ".join(
        f"SELECT '{model._meta.label}.{field.name}' FROM \"{model._meta.db_table}\""
        " WHERE organization_id = %(organization)s"
        f' AND "{field.column}" IN (TABLE others)'
        for model in owned_models()
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey)
        and issubclass(field.related_model, OrganizationOwned)
    )
    with connection.cursor() as cursor:
        ids = [UUID(text) for text in other.ids()]
        cursor.execute(asked, {"organization": world.organization.pk, "ids": ids})
        return [name for (name,) in cursor.fetchall()]


def build_world(mark: str) -> World:
    """Make an organization whose every name and text holds ``mark``."""
    organization = OrganizationFactory(name=f"{mark} Ltd")
    its: dict[str, Any] = {"organization": organization}
    endpoint = EndpointFactory(**its, name=f"{mark} endpoint")
    member = MembershipFactory(
        **its, role=Role.OWNER, user__email=f"{mark.lower()}@example.com"
    )
    MembershipFactory(**its, role=Role.OWNER)  # so that the other is not the last
    top = DepartmentFactory(**its, name=f"{mark} top")
    employee = EmployeeFactory(
        **its,
        number=next_number(organization),
        first_name=mark,
        work_email=f"{mark.lower()}.work@example.com",
        manager=EmployeeFactory(**its, first_name=mark),
        department=DepartmentFactory(**its, name=f"{mark} department", parent=top),
        position=PositionFactory(**its, title=f"{mark} position"),
        location=LocationFactory(**its, name=f"{mark} location"),
        user=member.user,
    )
    leave = _leave(employee, mark)
    attendance = _attendance(employee, mark)
    event = Event.objects.filter(**its, subject_id=employee.pk).get()
    delivery = Delivery.objects.get(event=event)
    return World(
        organization,
        mark,
        {
            Organization: organization,
            Membership: member,
            User: member.user,
            Employee: employee,
            type(employee.department): employee.department,
            type(employee.position): employee.position,
            type(employee.location): employee.location,
            EmployeeImport: _planned_import(organization, member.user, mark),
            type(endpoint): endpoint,
            **{type(row): row for row in leave},
            **{type(row): row for row in attendance},
            **{type(row): row for row in _keys(member, mark)},
            **{type(row): row for row in _app(member, mark)},
            LimitRule: LimitRule.objects.create(
                **its, target="user", credential=f"{mark}-person", quota=900
            ),
            **{type(row): row for row in _door(organization, mark)},
            Allowance: Allowance.objects.create(**its, target="user", quota=9000),
            Event: event,
            Delivery: delivery,
            Attempt: _attempt(delivery),
            **{type(row): row for row in build_logs(organization, mark)},
            TokenFamily: TokenFamily.objects.create(
                organization=organization,
                membership=member,
                password_stamp=member.user.get_session_auth_hash(),
                agent=f"{mark} agent",
                expires_at=timezone.now() + dt.timedelta(days=1),
            ),
        },
    )


def _leave(employee: Employee, mark: str) -> list[Any]:
    """Return one row of each kind that leave has."""
    its = {"organization": employee.organization}
    leave_type = LeaveTypeFactory(**its, name=f"{mark} leave")
    calendar = HolidayCalendarFactory(
        **its, name=f"{mark} calendar", location=employee.location
    )
    grant_leave(employee, leave_type, year=LEAVE_ON.year, amount=Decimal(10))
    asked = request_leave(
        employee, leave_type, first_on=LEAVE_ON, last_on=LEAVE_ON, note=f"{mark} note"
    )
    account = LeaveAccount.objects.get(employee=employee)
    day = save_holiday(calendar, dt.date(2026, 6, 4), name=f"{mark} day")
    calendar.refresh_from_db()  # the day has changed it
    return [
        leave_type,
        calendar,
        day,
        WorkWeekFactory(**its, employee=employee),
        asked,
        asked.days.get(),
        account,
        LeaveLedgerEntry.objects.filter(account=account).first(),
    ]


def _attendance(employee: Employee, mark: str) -> list[Any]:
    """Return one row of each kind that attendance has."""
    its = {"organization": employee.organization}
    schedule = WorkScheduleFactory(**its, name=f"{mark} schedule")
    came_at = dt.datetime.combine(WORKED_ON, dt.time(9), employee.location.zone)
    left_at = came_at + dt.timedelta(hours=8)
    punch = PunchFactory(employee=employee, punched_at=came_at, device=f"{mark} gate")
    asked = Asked(employee, WORKED_ON, [AskedPunch(left_at, Punch.Direction.OUT)])
    correction = request_correction(asked, reason=f"{mark} reason")
    return [
        schedule,
        ScheduleAssignmentFactory(employee=employee, schedule=schedule),
        punch,
        AttendanceDay.objects.get(employee=employee),
        correction,
        correction.punches.get(),
        OpenSession.objects.create(
            **its, employee=employee, clocked_in_at=came_at, ends_before=left_at
        ),
        StaleDays.objects.create(
            **its, employee=employee, first_on=WORKED_ON, last_on=WORKED_ON
        ),
        Settlement.objects.create(**its, settled_until=left_at),
    ]


def _keys(member: Membership, mark: str) -> list[Any]:
    """Return one row of each kind that API keys have."""
    its = {"organization": member.organization}
    key = ApiKeyFactory(**its, owner=member.user, name=f"{mark} key")
    use = KeyUse.objects.create(
        **its, key=key, last_used_at=timezone.now(), endpoint=f"{mark} endpoint"
    )
    return [key, use, KeyPolicy.objects.create(**its, max_lifetime_days=365)]


def _door(organization: Organization, mark: str) -> list[Any]:
    """Return one row of each kind that the door keeps."""
    its = {"organization": organization}
    kept = KeptAnswer.objects.create(
        **its,
        digest=f"{mark} digest",
        fingerprint=f"{mark} fingerprint",
        rights=f"{mark} rights",
        status=201,
        answer=f"{mark} answer",
        expires_at=timezone.now() + dt.timedelta(days=1),
    )
    origin = f"https://{mark.lower()}.example.com"
    allowed = AllowedOrigin.objects.create(**its, origin=origin, note=f"{mark} note")
    return [kept, allowed]


def _app(member: Membership, mark: str) -> list[Any]:
    """Return an app that a member has let in, with its tokens."""
    its = {"organization": member.organization}
    app = ApplicationFactory(**its, name=f"{mark} app", owner=member.user)
    consent = Consent.objects.create(
        **its, membership=member, application=app, scopes=["employees:read"]
    )
    now = timezone.now()
    of_app = its | {"application": app, "user": member.user}
    grant = Grant.objects.create(
        **of_app,
        membership=member,
        code=f"{mark} code",
        expires=now,
        authenticated_at=now,
        valid_until=now + dt.timedelta(days=1),
    )
    of_grant = of_app | {"grant": grant}
    access = AccessToken.objects.create(
        **of_grant, token_checksum=f"{mark} access", expires=grant.valid_until
    )
    refresh = RefreshToken.objects.create(**of_grant, token_checksum=f"{mark} refresh")
    return [app, consent, grant, access, refresh]


def build_logs(organization: Organization, mark: str) -> list[Any]:
    """Return one row of each log of calls and events."""
    tell(SecurityKind.ADMIN_ACTED, organization_id=organization.pk, subject=mark)
    log_integration_event(
        IntegrationKind.ENDPOINT_ADDED, organization_id=organization.pk, subject=mark
    )
    call = LoggedCall.objects.create(
        organization=organization,
        occurred_at=timezone.now(),
        actor_type="user",
        credential_kind="token",
        credential_id=mark,
        method="GET",
        route="/api/v1/employees/",
        status=200,
        address="203.0.113.7",
        agent=mark,
        duration_us=1500,
        bytes_in=0,
        bytes_out=2048,
        request_id=mark,
    )
    its = {"organization": organization, "subject": mark}
    return [
        call,
        SecurityRecord.objects.get(**its),
        IntegrationEvent.objects.get(**its),
    ]


def _planned_import(organization: Organization, user: User, mark: str) -> Any:
    return EmployeeImport.objects.create(
        organization=organization,
        file_name=f"{mark}.csv",
        content=f"First Name,Last Name,Work Email\n{mark},A,a@b.example\n".encode(),
        status=EmployeeImport.Status.PLANNED,
        digest="0" * 64,
        new_count=1,
        uploaded_by=user,
    )


def _attempt(delivery: Delivery) -> Attempt:
    return Attempt.objects.create(
        organization_id=delivery.organization_id,
        delivery=delivery,
        number=1,
        attempted_at=timezone.now() - dt.timedelta(seconds=1),
        duration_ms=5,
        error="refused",
    )
