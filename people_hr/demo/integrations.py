"""What other systems do with the demo's company: apps, API keys, and their calls.

Usage ends yesterday: what is called today is counted from the log as it happens.
"""

import datetime as dt
import random
from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from integrations.api_keys.models import ApiKey
from integrations.api_keys.services import create_key
from integrations.api_keys.using import Use, write_uses
from integrations.audit.history import HourOfCalls, add_hours
from integrations.oauth.models import Application
from integrations.oauth.services import give_consent, register_application
from organizations.access import CredentialKind, OrganizationAccess, acting
from organizations.models import Membership, Organization, User

DAYS = 30
#: The calls of the demo are the same each time, but for their dates.
SEED = 2026
#: How long calls take, in microseconds: most are fast, some wait.
DURATIONS = (3_500, 5_000, 5_000, 7_000, 9_000, 14_000, 32_000)


class Habit(NamedTuple):
    """What one program calls: how often in an hour, and in which hours (UTC)."""

    method: str
    route: str
    calls: int
    hours: range
    bytes_out: int
    on_weekends: bool = False


EMPLOYEES = "/api/v1/employees/"
PUNCHES = "/api/v1/attendance/punches/"
REQUESTS = "/api/v1/leave/requests/"
BALANCES = "/api/v1/leave/balances/"
NIGHT, WORKDAY = range(1, 3), range(6, 17)

PAYROLL = (
    Habit("GET", EMPLOYEES, 40, NIGHT, 18_000, on_weekends=True),
    Habit("GET", BALANCES, 24, NIGHT, 9_000, on_weekends=True),
)
TERMINAL = (Habit("POST", PUNCHES, 30, WORKDAY, 700),)
REPORTS = (
    Habit("GET", EMPLOYEES, 12, WORKDAY, 18_000),
    Habit("GET", REQUESTS, 9, WORKDAY, 6_000),
)
ROTA = (
    Habit("GET", EMPLOYEES, 6, WORKDAY, 12_000),
    Habit("GET", REQUESTS, 14, WORKDAY, 5_000),
)

#: Name, scopes, further settings, and what it calls; the last has never been used.
KEYS: tuple[tuple[str, list[str], dict[str, object], tuple[Habit, ...]], ...] = (
    (
        "Payroll export",
        ["employees:read", "leave:read_all"],
        {"networks": ["203.0.113.0/24"]},
        PAYROLL,
    ),
    (
        "Time terminal Berlin",
        ["attendance:read_all", "attendance:manage"],
        {"hourly_quota": 5000},
        TERMINAL,
    ),
    ("Monthly report", ["employees:read", "leave:read_all"], {}, REPORTS),
    ("Trial of last spring", ["employees:read"], {"environment": "test"}, ()),
)


def load_integrations(
    organization: Organization, *, owner: Membership, employee: Membership
) -> None:
    """Register apps and keys, let two people use an app, and count past calls."""
    luck = random.Random(SEED)  # noqa: S311 (not for secrets)
    with acting(OrganizationAccess.of(owner)):
        keys = _make_keys(organization, owner.user)
        rota = _register_apps(organization, owner.user)
    for membership in (owner, employee):
        scopes = ["openid", "profile", "employees:read", "leave:read"]
        give_consent(rota, membership, scopes)
    hours: list[HourOfCalls] = []
    for key, habits in keys:
        who = (CredentialKind.API_KEY, key.key_id)
        hours += _hours(luck, organization, who, habits)
    who = (CredentialKind.OAUTH, str(rota.pk))
    hours += _hours(luck, organization, who, ROTA)
    add_hours(hours)


def _make_keys(
    organization: Organization, owner: User
) -> list[tuple[ApiKey, tuple[Habit, ...]]]:
    """Make the keys as of a while ago; nobody is shown their texts."""
    began = timezone.now() - dt.timedelta(days=200)
    made, uses = [], {}
    for number, (name, scopes, settings, habits) in enumerate(KEYS):
        key = create_key(
            organization, owner=owner, name=name, scopes=scopes, **settings
        ).key
        ApiKey.objects.filter(pk=key.pk).update(
            created_at=began + dt.timedelta(days=9 * number)
        )
        if habits:
            yesterday = timezone.now() - dt.timedelta(days=1)
            endpoint = f"{habits[0].method} {habits[0].route}"
            uses[key.pk] = Use(yesterday, f"203.0.113.{20 + number}", endpoint)
        made.append((key, habits))
    with connection.cursor() as cursor:
        write_uses(cursor, uses)
    return made


def _register_apps(organization: Organization, owner: User) -> Application:
    """Register an app for people and one for a machine; return the former."""
    rota = register_application(
        organization,
        owner=owner,
        name="Rota planner",
        maker="Rota Ltd",
        kind=Application.Kind.WEB,
        redirect_uris=["https://rota.example.com/callback"],
        post_logout_redirect_uris=["https://rota.example.com/"],
        allowed_scopes=["employees:read", "leave:read", "attendance:read"],
    ).application
    register_application(
        organization,
        owner=owner,
        name="Badge printer",
        maker="Facilities",
        kind=Application.Kind.SERVICE,
        allowed_scopes=["employees:read"],
    )
    return rota


def _hours(
    luck: random.Random,
    organization: Organization,
    who: tuple[CredentialKind, str],
    habits: tuple[Habit, ...],
) -> Iterator[HourOfCalls]:
    """Return a month of calls until yesterday; few of them are refused."""
    today = timezone.now().astimezone(dt.UTC).date()
    for days_ago in range(DAYS, 0, -1):
        day = today - dt.timedelta(days=days_ago)
        for habit in habits:
            if day.weekday() >= 5 and not habit.on_weekends:
                continue
            for hour in habit.hours:
                moment = dt.datetime.combine(day, dt.time(hour), dt.UTC)
                yield from _calls(luck, organization, who, habit, moment)


def _calls(
    luck: random.Random,
    organization: Organization,
    who: tuple[CredentialKind, str],
    habit: Habit,
    moment: dt.datetime,
) -> Iterator[HourOfCalls]:
    good = 201 if habit.method == "POST" else 200
    answers = [(good, max(1, round(habit.calls * luck.uniform(0.6, 1.4))))]
    if luck.random() < 0.08:
        answers.append((luck.choice((400, 404, 429)), luck.randint(1, 3)))
    for status, calls in answers:
        yield HourOfCalls(
            hour=moment,
            organization_id=organization.pk,
            credential_kind=who[0],
            credential_id=who[1],
            method=habit.method,
            route=habit.route,
            status=status,
            calls=calls,
            duration_us=luck.choice(DURATIONS),
            bytes_in=350 if habit.method == "POST" else 0,
            bytes_out=habit.bytes_out if status == good else 400,
        )
