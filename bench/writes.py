# Django reads its settings on import, and they need the folder that is made here.
# ruff: noqa: PLC0415
"""What an event costs the save that it belongs to.

    script/bench writes [--saves 400] [--rounds 5]

The same change of the same employee through the service, in a transaction of its own:
with the outbox switched off, and with 0, 1 and 3 endpoints that ask for the event. The
broker is there, and no worker runs. One save of each in turn; the cost is the
difference of the figures, commit included.
"""

import argparse
import datetime as dt
import json
import os
import shutil
import statistics
import tempfile
import time
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
    times: dict[str, list[list[float]]] = {name: [] for name in cases}
    for number in range(rounds + 1):
        taken: dict[str, list[float]] = {name: [] for name in cases}
        for count in range(saves):
            for name, employee in cases.items():
                if name == WITHOUT:
                    outbox.disconnect()
                taken[name].append(save(employee, f"Ada {number} {count}"))
                outbox.connect()
        if number:  # the first round warms up
            for name, run in taken.items():
                times[name].append(run)
    return summary(times)


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


def summary(times: dict[str, list[list[float]]]) -> dict[str, Any]:
    """Return medians over the rounds, and what events add to the same save."""
    figures: dict[str, dict[str, float]] = {}
    for name, runs in times.items():
        percentiles = [statistics.quantiles(run, n=100) for run in runs]
        figures[name] = {
            f"p{percent} ms": round(
                statistics.median(run[percent - 1] for run in percentiles), 3
            )
            for percent in (50, 95)
        }
        print(f"{name}: {figures[name]}", flush=True)
    plain = figures[WITHOUT]
    added = {
        name: {key: round(value - plain[key], 3) for key, value in figure.items()}
        for name, figure in figures.items()
        if name != WITHOUT
    }
    return {
        "saves": figures,
        "added by events": added,
        "target p95 ms": TARGET_P95_MS,
        "met": all(figure["p95 ms"] <= TARGET_P95_MS for figure in added.values()),
    }


if __name__ == "__main__":
    main()
