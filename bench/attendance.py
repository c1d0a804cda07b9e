# Django reads its settings on import, and they need the folder that is made here.
# ruff: noqa: PLC0415
"""What a punch costs the server, and the team today, with many punches behind them.

    script/bench attendance [--employees 10000] [--punches 2500000] [--calls 300]

An organization of that many employees in departments of 200 who clock in and out every
working day. A punch is one's own clock pressed and committed: the punch, its event, the
day computed anew, who is clocked in. It is timed with a fifth of the punches and again
with all of them. The team today is asked for by HTTP, through Django's test client.
"""

import argparse
import datetime as dt
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

TARGET_PUNCH_P95_MS = 15
TARGET_TEAM_P95_MS = 100
#: With five times the punches a punch may take so much longer, for noise.
TARGET_GROWTH = 1.25
TEAM = 200
PUNCHES_A_DAY = 2
WARM_UP = 30

#: How many seconds before or after nine somebody comes; eight hours later they leave.
SHIFTED = "hashtext(number || %(on)s) %% 1000"
AT = "(%(on)s::date + {hour} * interval '1 hour' + {shifted} * interval '1 second')"
LOCAL = AT + " AT TIME ZONE 'Europe/Berlin'"
CAME = LOCAL.format(hour=9, shifted=SHIFTED)
LEFT = LOCAL.format(hour=17, shifted=SHIFTED)
PUNCHES = f"""
INSERT INTO attendance_punch (
    id, organization_id, version, created_at, updated_at, employee_id, punched_at,
    time_zone, direction, source, device, void_reason)
SELECT gen_random_uuid(), organization_id, 1, moment, moment, id, moment,
       'Europe/Berlin', direction, 'web', '', ''
FROM employees_employee,
     LATERAL (VALUES ('in', {CAME}), ('out', {LEFT})) AS pressed (direction, moment)
"""
# As the server would have kept them: a punch finds nothing to put right.
DAYS = f"""
INSERT INTO attendance_attendanceday (
    id, organization_id, version, created_at, updated_at, employee_id, "on", status,
    worked_minutes, break_minutes, required_minutes, difference_minutes, late_minutes,
    first_in_at, last_out_at, warnings, computed_from)
SELECT gen_random_uuid(), organization_id, 1, now(), now(), id, %(on)s::date, 'present',
       480, 0, 480, 0, greatest({SHIFTED}, 0) / 60, {CAME}, {LEFT}, '[]', 1
FROM employees_employee
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call took: by the clock, and of the processor in this process alone."""

    wall_ms: float
    cpu_ms: float


def main() -> None:
    """Start engines of our own, fill them in two steps, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--employees", type=int, default=10_000)
    parser.add_argument("--punches", type=int, default=2_500_000)
    parser.add_argument("--calls", type=int, default=300)
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
            figures = measure(options.employees, options.punches, options.calls)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures))


def measure(employees: int, punches: int, calls: int) -> dict[str, Any]:
    """Time punches with a fifth of the history and with all, then the team."""
    from attendance.services import clock_in
    from people_hr.garbage import leave_out_what_is_loaded

    member = hire(employees)
    days = working_days()
    wanted = punches // (employees * PUNCHES_A_DAY)
    people = everybody()
    work(islice(days, wanted // 5))
    leave_out_what_is_loaded()  # as a web server does
    before = percentiles("punch, a fifth of them", time_punches(people, calls))
    work(islice(days, wanted - wanted // 5))
    leave_out_what_is_loaded()
    after = percentiles("punch, all of them", time_punches(people, calls))
    team = percentiles("team today", time_team(member, max(calls // 10, 20)))
    growth = round(after["p50 ms"] / before["p50 ms"], 2)
    somebody = next(people)
    return {
        "employees": employees,
        "punches": wanted * employees * PUNCHES_A_DAY,
        "punch, a fifth of them": before,
        "punch, all of them": after,
        "growth of the median": growth,
        "statements of a punch": statements_of(clock_in, somebody),
        f"team today of {TEAM}": team,
        "met": after["p95 ms"] <= TARGET_PUNCH_P95_MS
        and team["p95 ms"] <= TARGET_TEAM_P95_MS
        and growth <= TARGET_GROWTH,
    }


def hire(count: int) -> Any:
    """Make an organization with departments of 200; return a member who sees all."""
    from attendance.models import WorkSchedule
    from employees.models import Department, Employee, Location
    from organizations.models import Membership, Organization, User
    from organizations.roles import Role

    organization = Organization.objects.create(
        name="Bench", slug="bench", country="DE", time_zone="Europe/Berlin"
    )
    hours = {"starts": "09:00", "ends": "17:30", "break_minutes": 30}
    week = ("monday", "tuesday", "wednesday", "thursday", "friday")
    WorkSchedule.objects.create(
        organization=organization,
        name="Office",
        is_default=True,
        pattern=dict.fromkeys(week, hours),
    )
    location = Location.objects.create(
        organization=organization, name="Berlin", time_zone="Europe/Berlin"
    )
    departments = Department.objects.bulk_create(
        Department(organization=organization, name=f"Department {number}")
        for number in range(-(-count // TEAM))
    )
    Employee.objects.bulk_create(
        [
            Employee(
                organization=organization,
                number=str(number),
                first_name="Ada",
                last_name=f"Lovelace {number}",
                work_email=f"{number}@bench.example",
                hired_on=dt.date(2020, 1, 1),
                department=departments[number // TEAM],
                location=location,
            )
            for number in range(count)
        ],
        batch_size=2000,
    )
    user = User.objects.create_user("ada@bench.example")
    return Membership.objects.create(
        organization=organization, user=user, role=Role.OWNER
    )


def working_days() -> Iterator[dt.date]:
    """Yield the working days before yesterday, the latest first."""
    on = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    while True:
        on -= dt.timedelta(days=1)
        if on.weekday() < 5:
            yield on


def work(days: Iterator[dt.date]) -> None:
    """Let everybody have clocked in and out on the days, as rows; no event is told."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for on in days:
            cursor.execute(PUNCHES, {"on": on.isoformat()})
            cursor.execute(DAYS, {"on": on.isoformat()})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")


def everybody() -> Iterator[Any]:
    """Yield each employee once."""
    from employees.models import Employee

    people = Employee.objects.select_related("location", "organization")
    return people.order_by("pk").iterator(chunk_size=500)


def time_punches(people: Iterator[Any], calls: int) -> list[Cost]:
    """Let people clock in and out; return what each punch took."""
    from attendance.services import clock_in, clock_out

    times = [
        timed(press, person)
        for person in list(islice(people, WARM_UP + calls // 2))
        for press in (clock_in, clock_out)
    ]
    return times[2 * WARM_UP :]


def time_team(member: Any, calls: int) -> list[Cost]:
    """Ask for the team today of a department; return what each time took."""
    from django.test import Client

    from employees.models import Department

    client = Client()
    client.force_login(member.user)
    department = Department.objects.order_by("pk")[1]

    def ask() -> None:
        response = client.get("/time/team/", {"department": str(department.pk)})
        if response.content.count(b"/time/people/") != TEAM:
            raise SystemExit(f"The team answered {response.status_code}.")

    return [timed(ask) for _ in range(calls + 3)][3:]


def timed(call: Callable[..., Any], *arguments: Any) -> Cost:
    """Return what a call took."""
    begun, burned = time.perf_counter(), time.process_time()
    call(*arguments)
    ended, spent = time.perf_counter(), time.process_time()
    return Cost((ended - begun) * 1000, (spent - burned) * 1000)


def statements_of(call: Callable[..., Any], *arguments: Any) -> int:
    """Return how many statements a call sends, the transaction's two ends included."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as sent:
        call(*arguments)
    return len(sent)


def percentiles(name: str, costs: list[Cost]) -> dict[str, float]:
    """Return the median and the 95th percentile by the clock, and print them.

    On a machine that is busy with other things, the processor's time tells more.
    """
    cut = statistics.quantiles((cost.wall_ms for cost in costs), n=100)
    found = {
        "p50 ms": round(cut[49], 2),
        "p95 ms": round(cut[94], 2),
        "cpu p50 ms": round(statistics.median(cost.cpu_ms for cost in costs), 2),
    }
    print(f"{name}: {found}", flush=True)
    return found


if __name__ == "__main__":
    main()
