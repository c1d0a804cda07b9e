# Django reads its settings on import, and they need the folder that is made here.
# ruff: noqa: PLC0415
"""What an event costs the save that it belongs to.

    script/bench writes [--saves 400] [--rounds 5]

The same change of the same employee through the service, in a transaction of its own:
with the outbox switched off, and with 0, 1 and 3 endpoints that ask for the event. The
broker is there, and no worker runs. One save of each in turn. The cost is told twice:
as the difference of whole saves, commit included, which a busy machine blurs; and as
the time inside the outbox, which is the one statement that is added.
"""

import argparse
import datetime as dt
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WITHOUT = "without events"
TARGET_P95_MS = 1.5


def main() -> None:
    """Start engines of our own, run the rounds, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="people-hr-bench-"))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "people_hr.settings",
        "PEOPLE_HR_DEMO": "1",
        "PEOPLE_HR_VAR": str(folder),
    }
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from people_hr import embedded

    try:
        with embedded.engines(settings.VAR, embedded.wanted_engines()):
            call_command("migrate", verbosity=0)
            figures = measure(options.saves, options.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures))


def measure(saves: int, rounds: int) -> dict[str, Any]:
    """Save so often in every way, in turn; return medians over the rounds."""
    from integrations.webhooks import outbox

    cases = {
        WITHOUT: employee_with_endpoints("without", 0),
        **{
            f"{count} endpoints": employee_with_endpoints(f"with-{count}", count)
            for count in (0, 1, 3)
        },
    }
    inside: list[float] = []
    outbox.store = timed(outbox.store, inside)  # type: ignore[assignment]
    times: dict[str, list[list[float]]] = {name: [] for name in cases}
    statements: dict[str, list[list[float]]] = {name: [] for name in cases}
    for number in range(rounds + 1):
        taken: dict[str, list[float]] = {name: [] for name in cases}
        in_outbox: dict[str, list[float]] = {name: [] for name in cases}
        for count in range(saves):
            for name, employee in cases.items():
                if name == WITHOUT:
                    outbox.disconnect()
                taken[name].append(save(employee, f"Ada {number} {count}"))
                outbox.connect()
                in_outbox[name] += inside
                inside.clear()
        if number:  # the first round warms up
            for name in cases:
                times[name].append(taken[name])
                statements[name].append(in_outbox[name])
    del statements[WITHOUT]
    return summary(times, statements)


def timed(store: Callable[..., int], inside: list[float]) -> Callable[..., int]:
    """Return the same function, which also notes how long it takes, in ms."""

    def timed_store(*arguments: Any) -> int:
        begun = time.perf_counter()
        deliveries = store(*arguments)
        inside.append((time.perf_counter() - begun) * 1000)
        return deliveries

    return timed_store


def employee_with_endpoints(slug: str, count: int) -> Any:
    """Return an employee of a new organization with so many endpoints."""
    from employees.services import hire_employee
    from integrations.webhooks.services import create_endpoint
    from organizations.models import Organization

    organization = Organization.objects.create(name=slug, slug=slug, country="DE")
    for number in range(count):
        create_endpoint(
            organization, name=str(number), url="http://127.0.0.1:9/", events=["*"]
        )
    return hire_employee(
        organization,
        first_name="Ada",
        last_name="Lovelace",
        work_email=f"ada@{slug}.example",
        hired_on=dt.date(2024, 1, 15),
    )


def save(employee: Any, preferred_name: str) -> float:
    """Return how long a save took, in ms."""
    from employees.services import update_employee

    begun = time.perf_counter()
    update_employee(employee, preferred_name=preferred_name)
    return (time.perf_counter() - begun) * 1000


def percentiles(runs: list[list[float]]) -> dict[str, float]:
    """Return the medians over the rounds."""
    cuts = [statistics.quantiles(run, n=100) for run in runs]
    return {
        f"p{percent} ms": round(statistics.median(cut[percent - 1] for cut in cuts), 3)
        for percent in (50, 95)
    }


def summary(
    times: dict[str, list[list[float]]], statements: dict[str, list[list[float]]]
) -> dict[str, Any]:
    """Return what saves take, and what events add to the same save."""
    saves = {name: percentiles(runs) for name, runs in times.items()}
    inside = {name: percentiles(runs) for name, runs in statements.items()}
    for name, figures in saves.items():
        print(f"{name}: {figures}", flush=True)
    plain = saves[WITHOUT]
    added = {
        name: {key: round(saves[name][key] - plain[key], 3) for key in plain}
        for name in inside
    }
    return {
        "saves": saves,
        "added, difference of saves": added,
        "added, inside the outbox": inside,
        "target p95 ms": TARGET_P95_MS,
        "met": all(figure["p95 ms"] <= TARGET_P95_MS for figure in inside.values()),
    }


if __name__ == "__main__":
    main()
