# Django reads its settings on import, and they need the folder that is made here.
# ruff: noqa: PLC0415
"""Import employees from a file with BambooHR's headers, events and deliveries included.

    script/bench imports [--rows 5000] [--rounds 5]

Each round is a new organization with one endpoint that asks for every event. Measured
from the bytes of the file to the commit; the receiver is not part of it.
"""

import argparse
import io
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.employees_file import write_employees

TARGET_ROWS_PER_SECOND = 2000


def main() -> None:
    """Start engines of our own, run the rounds, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
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
            figures = measure(options.rows, options.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures))


def measure(rows: int, rounds: int) -> dict[str, Any]:
    """Import a file that is new, dry, and the same once more; give medians."""
    file = io.StringIO()
    write_employees(file, rows)
    content = file.getvalue().encode()
    seconds: dict[str, list[float]] = {"dry_run": [], "import": [], "again": []}
    for number in range(rounds):
        organization = make_organization(number)
        for name, is_dry in (("dry_run", True), ("import", False), ("again", False)):
            took = clock(lambda: run(organization, content, dry=is_dry))  # noqa: B023
            seconds[name].append(took)
            print(f"round {number + 1}: {name} {took:.2f} s, {rows / took:,.0f} rows/s")
        check(organization, rows)
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    return {
        "benchmark": "imports",
        "rows": rows,
        "rounds": rounds,
        **{f"{name}_seconds": round(median, 3) for name, median in medians.items()},
        "rows_per_second": round(rows / medians["import"]),
        "rows_per_second_best": round(rows / min(seconds["import"])),
        "target_rows_per_second": TARGET_ROWS_PER_SECOND,
        "meets_target": rows / medians["import"] >= TARGET_ROWS_PER_SECOND,
    }


def clock(work: Callable[[], None]) -> float:
    """Give the seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def make_organization(number: int) -> Any:
    """Open an organization with one endpoint that asks for everything."""
    from integrations.webhooks.services import create_endpoint
    from organizations.models import Organization

    organization = Organization.objects.create(
        name=f"Bench {number}", slug=f"bench-{number}", country="DE", time_zone="UTC"
    )
    create_endpoint(organization, name="bench", url="http://127.0.0.1:9/", events=["*"])
    return organization


def run(organization: Any, content: bytes, *, dry: bool) -> None:
    """Do what the command does."""
    from django.db import transaction

    from employees.importing.applying import apply_plan, lock_imports
    from employees.importing.planning import make_plan
    from employees.importing.reading import read_table
    from organizations.access import OrganizationAccess, acting

    access = OrganizationAccess(organization, actor_type="import")
    with acting(access), transaction.atomic():
        lock_imports(organization)
        plan = make_plan(organization, read_table(content))
        if not dry:
            apply_plan(plan)


def check(organization: Any, rows: int) -> None:
    """Make sure that what was measured was done: a row, an event, a delivery each."""
    from employees.models import Employee
    from integrations.webhooks.models import Delivery, Event

    mine = {"organization": organization, "type": "employee.created"}
    counts = (
        Employee.objects.for_organization(organization).count(),
        Event.objects.filter(**mine).count(),
        Delivery.objects.filter(event__in=Event.objects.filter(**mine)).count(),
    )
    if counts != (rows, rows, rows):
        raise SystemExit(f"Expected {rows} employees, events and deliveries: {counts}")


if __name__ == "__main__":
    main()
