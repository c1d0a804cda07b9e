# Django reads its settings on import, and they need the folder that is made here.
# ruff: noqa: PLC0415
"""What a leave costs the server: the live panel, a request, a decision, a month.

    script/bench leave [--employees 10000] [--rounds 3] [--calls 150]

An organization of that many employees in teams of ten, each with three leaves a year
behind them. The panel and the pages are asked for by HTTP, through Django's test
client: middleware, session and template included, the network not.
"""

import argparse
import datetime as dt
import json
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

TARGET_PREVIEW_P95_MS = 60
TEAM = 10
CHUNK = 500
COUNTED = 20
YEAR = 2027


def main() -> None:
    """Start engines of our own, run the rounds, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--employees", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=150)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="people-hr-bench-"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "people_hr.settings")
    os.environ |= {"PEOPLE_HR_DEMO": "1", "PEOPLE_HR_VAR": str(folder)}
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from people_hr import embedded

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    try:
        with embedded.engines(settings.VAR, embedded.wanted_engines()):
            call_command("migrate", verbosity=0)
            figures = measure(options.employees, options.rounds, options.calls)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures))


def measure(employees: int, rounds: int, calls: int) -> dict[str, Any]:
    """Fill the organization, then time each call; return medians over the rounds."""
    organization, granted_in_seconds = fill(employees)
    cases = calls_of(organization)
    times: dict[str, list[list[float]]] = {name: [] for name in cases}
    for number in range(rounds + 1):
        for name, call in cases.items():
            taken = [timed(call) for _ in range(calls)]
            if number:  # the first round warms up
                times[name].append(taken)
    costs = {name: cost_of(call) for name, call in cases.items()}
    return summary(times, costs) | {
        "employees": employees,
        "granting the year, seconds": round(granted_in_seconds, 1),
    }


def fill(count: int) -> tuple[Any, float]:
    """Make an organization with teams, holidays, grants and a year of leave."""
    from django.db import connection

    from employees.models import Employee
    from leave.models import HolidayCalendar, LeaveType
    from leave.services import grant_year, import_holidays
    from organizations.models import Organization

    organization = Organization.objects.create(
        name="Bench", slug="bench", country="DE", time_zone="Europe/Berlin"
    )
    people: list[Any] = []
    for number in range(count):
        people.append(
            Employee(
                organization=organization,
                number=str(number),
                first_name="Ada",
                last_name=f"Lovelace {number}",
                work_email=f"{number}@bench.example",
                hired_on=dt.date(2020, 1, 1),
                manager=people[number // TEAM] if number else None,
            )
        )
    Employee.objects.bulk_create(people, batch_size=2000)
    calendar = HolidayCalendar.objects.create(
        organization=organization, name="Holidays", country="DE"
    )
    annual = LeaveType.objects.create(
        organization=organization, name="Annual leave", yearly_grant=Decimal(30)
    )
    for year in (YEAR - 1, YEAR):
        import_holidays(calendar, year)
    begun = time.perf_counter()
    grant_year(organization, YEAR)
    granted_in_seconds = time.perf_counter() - begun
    take_leave(annual, people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return organization, granted_in_seconds


def take_leave(leave_type: Any, people: Sequence[Any]) -> None:
    """Bring over three weeks for each, as a company that moves to us does."""
    from leave.services import GrantedLeave, record_leave

    chance = random.Random(7)
    for start in range(0, len(people), CHUNK):
        leaves = []
        for person in people[start : start + CHUNK]:
            for month in (2, 6, 10):
                first_on = dt.date(YEAR, month, chance.randint(1, 20))
                last_on = first_on + dt.timedelta(days=6)
                leaves.append(GrantedLeave(person, leave_type, first_on, last_on))
        record_leave(leaves)


def calls_of(organization: Any) -> dict[str, Callable[[], Any]]:
    """Return what is timed, by name."""
    from django.test import Client

    from employees.models import Employee
    from leave.models import LeaveType
    from leave.services import approve_leave, preview_request, request_leave
    from organizations.access import OrganizationAccess
    from organizations.models import Membership, User
    from organizations.roles import Role

    user = User.objects.create_user("ada@bench.example")
    member = Membership.objects.create(
        organization=organization, user=user, role=Role.OWNER
    )
    person = Employee.objects.get(
        number="5000" if Employee.objects.count() > 5000 else "5"
    )
    person.user = user
    person.save()
    client = Client()
    client.force_login(user)
    annual = LeaveType.objects.get()
    span = {"first_on": dt.date(YEAR, 4, 1), "last_on": dt.date(YEAR, 4, 14)}
    query = {name: day.isoformat() for name, day in span.items()} | {
        "leave_type": str(annual.pk)
    }
    hr = OrganizationAccess(
        organization, scopes=frozenset({"leave:approve", "leave:approve_all"})
    )
    others = iter(Employee.objects.exclude(pk=person.pk).order_by("pk"))

    def page(address: str, data: dict[str, str] | None = None) -> None:
        response = client.get(address, data or {})
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}")

    def ask_and_approve() -> None:
        asked = request_leave(
            next(others),
            annual,
            first_on=dt.date(YEAR, 4, 1),
            last_on=dt.date(YEAR, 4, 2),
        )
        approve_leave(asked, access=hr)

    assert member
    return {
        "preview, the rule": lambda: preview_request(person, annual, **span),
        "preview, the live panel": lambda: page("/leave/request/cost/", query),
        "overview": lambda: page("/leave/"),
        "team calendar": lambda: page(f"/leave/calendar/?month={YEAR}-06"),
        "request and approve": ask_and_approve,
    }


def timed(call: Callable[[], Any]) -> float:
    """Return how long a call took, in ms."""
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def cost_of(call: Callable[[], Any]) -> dict[str, float]:
    """Return what one call takes of the processor, and how many statements."""
    from django.db import connection

    statements: list[str] = []

    def note(execute: Any, sql: str, *arguments: Any) -> Any:
        statements.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        call()
    begun = time.process_time()
    for _ in range(COUNTED):
        call()
    taken = (time.process_time() - begun) * 1000 / COUNTED
    return {"cpu ms": round(taken, 2), "statements": len(statements)}


def summary(
    times: dict[str, list[list[float]]], costs: dict[str, dict[str, float]]
) -> dict[str, Any]:
    """Return the median over the rounds of each call's p50 and p95, and its costs."""
    figures: dict[str, dict[str, float]] = {}
    for name, runs in times.items():
        percentiles = [statistics.quantiles(run, n=100) for run in runs]
        figures[name] = {
            f"p{percent} ms": round(
                statistics.median(run[percent - 1] for run in percentiles), 2
            )
            for percent in (50, 95)
        } | costs[name]
        print(f"{name}: {figures[name]}", flush=True)
    return {
        "calls": figures,
        "target preview p95 ms": TARGET_PREVIEW_P95_MS,
        "met": figures["preview, the live panel"]["p95 ms"] <= TARGET_PREVIEW_P95_MS,
    }


if __name__ == "__main__":
    main()
