# Django reads its settings on import, and they need the folder that is made here.
# ruff: noqa: PLC0415
"""What accounting for a call costs the request, and how fast calls are written.

    script/bench calls [--calls 2000] [--rounds 15]

In turn, in one process, on engines of its own: ``note_call`` (a buffer, written by a
thread), an INSERT of the same row in the request (durably committed, as our COPY is),
and XADD to a Valkey stream. Then the thread's own work: COPY in batches of 500 rows.
"""

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

INSERT = """
INSERT INTO audit_call (
    id, occurred_at, organization_id, actor_type, actor_id, credential_kind,
    credential_id, method, route, status, address, agent, duration_us, bytes_in,
    bytes_out, request_id
) VALUES (gen_random_uuid(), %s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="people-hr-bench-"))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "people_hr.settings",
        "PEOPLE_HR_DEMO": "1",
        "PEOPLE_HR_VAR": str(folder),
        "LOG_LEVEL": "ERROR",
    }
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from people_hr import embedded

    try:
        with embedded.engines(settings.VAR, embedded.wanted_engines()):
            call_command("migrate", verbosity=0)
            figures = measure(options.calls, options.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures))


def measure(calls: int, rounds: int) -> dict[str, Any]:
    """Return µs for each call in the request, calls/s of the thread, and ratios."""
    ways = {"note_call": noting(), "insert": inserting(), "xadd": adding()}
    taken: dict[str, list[float]] = {name: [] for name in ways}
    written: list[float] = []
    for number in range(rounds + 1):
        for name, account in ways.items():
            seconds = account(calls)
            if number:  # the first round warms up
                taken[name].append(seconds / calls * 1e6)
        seconds = copying(calls)
        if number:
            written.append(calls / seconds)
    figures: dict[str, Any] = {
        f"{name}_us": round(statistics.median(times), 2)
        for name, times in taken.items()
    }
    for name in ("insert", "xadd"):
        pairs = zip(taken[name], taken["note_call"], strict=True)
        figures[f"{name}_to_note_call"] = round(
            statistics.median(other / ours for other, ours in pairs), 1
        )
    figures["copied_calls_per_second"] = round(statistics.median(written))
    return figures


def noting() -> Callable[[int], float]:
    """Make a call and put it into a buffer that nobody empties meanwhile."""
    from integrations.audit.calls import CallLog

    class Unwritten(CallLog):
        """A buffer without its thread."""

        def _start(self) -> None:
            pass

    def note(calls: int) -> float:
        log = Unwritten(room=calls)
        began = time.perf_counter()
        for _ in range(calls):
            log.note(a_call())
        return time.perf_counter() - began

    return note


def inserting() -> Callable[[int], float]:
    from django.db import connection

    def insert(calls: int) -> float:
        began = time.perf_counter()
        for _ in range(calls):
            call = a_call()
            with connection.cursor() as cursor:
                values = [getattr(call, name) for name in call.__slots__]
                cursor.execute(INSERT, values)
        return time.perf_counter() - began

    return insert


def adding() -> Callable[[int], float]:
    import redis
    from django.conf import settings

    store = redis.Redis.from_url(settings.REDIS_URL)

    def add(calls: int) -> float:
        began = time.perf_counter()
        for _ in range(calls):
            call = a_call()
            fields = {name: str(getattr(call, name)) for name in call.__slots__}
            store.xadd("bench:calls", fields, maxlen=100_000)
        return time.perf_counter() - began

    return add


def copying(calls: int) -> float:
    """Write calls as the thread does; return the seconds."""
    from integrations.audit.flusher import BATCH_CALLS
    from integrations.audit.sink import CallSink

    sink = CallSink()
    made = [a_call() for _ in range(calls)]
    sink.write(made[:1])
    began = time.perf_counter()
    for start in range(0, calls, BATCH_CALLS):
        sink.write(made[start : start + BATCH_CALLS])
    taken = time.perf_counter() - began
    sink.close()
    return taken


def a_call() -> Any:
    import datetime as dt
    from uuid import UUID

    from integrations.audit.calls import ApiCall

    return ApiCall(
        occurred_at=dt.datetime.now(dt.UTC),
        organization_id=UUID("01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"),
        actor_type="api_key",
        actor_id="tHt7I8cdpZ3I",
        credential_kind="api_key",
        credential_id="tHt7I8cdpZ3I",
        method="GET",
        route="/api/v1/employees/{pk}/",
        status=200,
        address="203.0.113.7",
        agent="python-requests/2.32.3",
        duration_us=1834,
        bytes_in=0,
        bytes_out=2048,
        request_id="01a222dfddaf747d83eae4a54cf36d8d",
    )


if __name__ == "__main__":
    main()
