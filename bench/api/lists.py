# Django is set up before this is called.
# ruff: noqa: PLC0415
"""A page of employees, one employee and a hire, against the usual API of the model.

Two figures for each request: the time that passed, and the processor's time, ours and
that of the PostgreSQL process behind the connection. On a machine with other work the
second is the one to compare.
"""

import json
import statistics
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple


class Taken(NamedTuple):
    """Microseconds that a request took."""

    passed: float
    cpu: float


OURS, USUAL = "ours", "usual"
PATHS = {OURS: "/api/v1/employees/", USUAL: "/baseline/employees/"}


def measure(employees: int, rounds: int) -> dict[str, Any]:
    """Ask for everything in turn; return µs for each request and the ratios."""
    tokens, employee_id = prepare(employees)
    ask = requester(tokens)
    requests: dict[str, Callable[[str, int], Taken]] = {
        "page of 25": lambda who, _n: ask(who, "GET", "?limit=25"),
        f"page of {employees}": lambda who, _n: ask(who, "GET", f"?limit={employees}"),
        "one": lambda who, _n: ask(who, "GET", f"{employee_id}/"),
        "hire": lambda who, n: ask(who, "POST", "", new_employee(who, n)),
    }
    times: dict[str, dict[str, list[Taken]]] = {
        name: {OURS: [], USUAL: []} for name in requests
    }
    for number in range(rounds * 20):
        for name, request in requests.items():
            if name.startswith("page of") and number % 20 and "25" not in name:
                continue  # the long page is asked for once a round
            for who in (OURS, USUAL):
                taken = request(who, number)
                if number >= 20:  # the first round warms up
                    times[name][who].append(taken)
    return summary(times)


def prepare(count: int) -> tuple[dict[str, str], str]:
    """Make an organization with so many employees; return tokens and one of them."""
    from rest_framework_simplejwt.tokens import AccessToken

    from employees.models import Employee
    from organizations.models import Organization
    from organizations.roles import Role
    from organizations.services import add_member
    from organizations.tokens import open_family

    organization = Organization.objects.create(name="Acme", slug="acme", country="DE")
    owner = add_member(organization, email="owner@acme.example", role=Role.OWNER)
    made = Employee.objects.bulk_create(
        Employee(
            organization=organization,
            number=f"E{number}",
            first_name=f"First {number}",
            last_name=f"Last {number % 97}",
            work_email=f"e{number}@acme.example",
            hired_on="2024-01-15",
        )
        for number in range(count)
    )
    tokens = {
        OURS: open_family(owner).access,
        USUAL: str(AccessToken.for_user(owner.user)),
    }
    return tokens, str(made[0].pk)


def new_employee(who: str, number: int) -> dict[str, str]:
    """Return a body; the usual API gives no numbers."""
    return {
        "number": f"{who}-{number}",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "work_email": f"{who}.{number}@acme.example",
        "hired_on": "2026-01-05",
    }


def requester(tokens: dict[str, str]) -> Callable[..., int]:
    """Return a function that makes one request and tells how long it took."""
    from people_hr.wsgi import application

    def ask(
        who: str, method: str, address: str, body: dict[str, str] | None = None
    ) -> Taken:
        path, _mark, query = address.partition("?")
        content = json.dumps(body).encode() if body else b""
        statuses: list[str] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": PATHS[who] + path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(content)),
            "HTTP_AUTHORIZATION": f"Bearer {tokens[who]}",
            "wsgi.input": BytesIO(content),
            "wsgi.url_scheme": "http",
            "wsgi.errors": BytesIO(),
        }
        begun, used = time.perf_counter_ns(), cpu_ns()
        response = application(
            environ, lambda status, _headers: statuses.append(status)
        )
        answer = b"".join(response)
        taken = Taken((time.perf_counter_ns() - begun) / 1000, (cpu_ns() - used) / 1000)
        response.close()
        if not statuses[0].startswith("2"):
            raise RuntimeError(f"{who} {method} {address}: {statuses[0]} {answer!r}")
        return taken

    return ask


def cpu_ns() -> int:
    """Return the processor's time of this thread and of its PostgreSQL process."""
    from django.db import connection

    connection.ensure_connection()
    backend = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return time.thread_time_ns() + int(backend.read_text().split()[0])


def summary(times: dict[str, dict[str, list[Taken]]]) -> dict[str, Any]:
    """Return medians of µs, and how many times faster ours is, by both clocks."""
    figures: dict[str, Any] = {}
    for name, taken in times.items():
        passed = {
            who: statistics.median(each.passed for each in all_taken)
            for who, all_taken in taken.items()
        }
        cpu = {
            who: statistics.median(each.cpu for each in all_taken)
            for who, all_taken in taken.items()
        }
        figures[name] = {
            **{f"{who} µs": round(value) for who, value in passed.items()},
            **{f"{who} CPU µs": round(value) for who, value in cpu.items()},
            "times": round(passed[USUAL] / passed[OURS], 2),
            "times by CPU": round(cpu[USUAL] / cpu[OURS], 2),
        }
        print(f"{name}: {figures[name]}", flush=True)
    return figures
