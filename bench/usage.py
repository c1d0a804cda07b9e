# Django reads its settings on import, and they need the folder that is made here.
# ruff: noqa: PLC0415
"""How long the usage page's question takes, over rollups as 50 M calls leave them.

    script/bench usage [--rounds 30] [--raw 200000]

Fills the daily and hourly rollups of an organization with 30 days of 50,000,000 calls
(40 credentials, 30 routes, three classes of answers), with another's beside it, on
engines of its own, and asks. Then real raw calls of an hour are counted.
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
from uuid import uuid4

CALLS = 50_000_000
DAYS, CREDENTIALS, ROUTES = 30, 40, 30

# A bell over the buckets from 1 ms to 200 ms, so that most columns hold something.
_LATENCY = "round(%(calls)s * exp(-pow(({bucket} - 9.0) / 4, 2)) / 7.09)::bigint"
_FILL = f"""
INSERT INTO audit_usage_{{level}}
SELECT 0, at, %(organization)s, 'api_key', 'key' || credential, 'GET',
       '/api/v1/resource-' || route || '/', class, %(calls)s, 200, 4000, 90000,
       {{latencies}}
FROM generate_series(%(since)s::timestamptz, %(last)s, %(step)s::interval) AS at,
     generate_series(1, {CREDENTIALS}) AS credential,
     generate_series(1, {ROUTES}) AS route, unnest(ARRAY[2, 4, 5]) AS class
"""
# The coarser rows: credentials (1), routes (2), neither (3).
_COARSER = """
INSERT INTO audit_usage_{level}
SELECT grouping(credential_kind, method), bucket, organization_id,
       coalesce(credential_kind, ''), coalesce(credential_id, ''),
       coalesce(method, ''), coalesce(route, ''), status_class,
       sum(calls), sum(bytes_in), sum(bytes_out), sum(duration_us),
       {latencies}
FROM audit_usage_{level} WHERE organization_id = %(organization)s
GROUP BY bucket, organization_id, status_class, GROUPING SETS (
    (credential_kind, credential_id), (method, route), ())
"""
_RAW = """
INSERT INTO audit_call
SELECT gen_random_uuid(), %(since)s::timestamptz + n * %(step)s::interval,
       %(organization)s, 'api_key', 'key' || n %% 40, 'api_key', 'key' || n %% 40,
       'GET', '/api/v1/resource-' || n %% 30 || '/', 200, '203.0.113.7', 'bench',
       (n::bigint * 7919) %% 200000, 200, 4000, 'bench'
FROM generate_series(1, %(calls)s) AS n
"""
_MARK = """
INSERT INTO audit_stale_minute
SELECT DISTINCT date_trunc('minute', occurred_at) FROM audit_call
WHERE organization_id = %s
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--raw", type=int, default=200_000)
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
            figures = measure(options.rounds, options.raw)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures))


def measure(rounds: int, raw: int) -> dict[str, Any]:
    """Return ms of each question, and the calls/s that are counted."""
    from django.db import connection

    from integrations.audit.usage import Bucket, calls_of, summary_of
    from organizations.models import Organization

    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since, until = today - dt.timedelta(days=DAYS), today
    whose, other = (
        Organization.objects.create(name=name, slug=f"bench-{uuid4().hex[:8]}")
        for name in ("Bench", "Beside it")
    )
    rows = fill(whose, "day", since, until, DAYS) + fill(
        other, "day", since, until, DAYS
    )
    rows += fill(whose, "hour", since, until, DAYS * 24)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_usage_day; ANALYZE audit_usage_hour")
    asked: dict[str, Any] = {"since": since, "until": until, "bucket": Bucket.DAY}
    one = {"credential_id": "key7"}
    questions: dict[str, Callable[[], Any]] = {
        "page": lambda: summary_of(whose, **asked),
        "series": lambda: calls_of(whose, **asked),
        "page_of_one_credential": lambda: summary_of(whose, **asked, **one),
        "hours_of_one_credential": lambda: calls_of(
            whose, **asked | {"bucket": Bucket.HOUR}, **one
        ),
    }
    figures: dict[str, Any] = {
        "calls": summary_of(whose, **asked).total.calls,
        "rows": rows,
    }
    taken: dict[str, list[float]] = {name: [] for name in questions}
    for _ in range(rounds):
        for name, ask in questions.items():
            began = time.perf_counter()
            ask()
            taken[name].append((time.perf_counter() - began) * 1000)
    for name, times in taken.items():
        figures[f"{name}_p50_ms"] = round(statistics.median(times), 1)
        figures[f"{name}_p95_ms"] = round(sorted(times)[int(len(times) * 0.95)], 1)
    return figures | {"counted_calls_per_second": count_raw(whose, raw)}


def fill(
    organization: Any, level: str, since: dt.datetime, until: dt.datetime, buckets: int
) -> int:
    """Make a level's rows of 50 million calls; return how many."""
    from django.db import connection

    from integrations.audit.rollups import LATENCIES

    bell = ", ".join(_LATENCY.format(bucket=bucket) for bucket in range(len(LATENCIES)))
    sums = ", ".join(f"sum({latency})" for latency in LATENCIES)
    values = {
        "organization": organization.pk,
        "since": since,
        "last": until - dt.timedelta(minutes=1),
        "step": f"1 {level}",
        "calls": max(round(CALLS / (buckets * CREDENTIALS * ROUTES * 3)), 1),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FILL.format(level=level, latencies=bell), values)
        rows: int = cursor.rowcount
        cursor.execute(_COARSER.format(level=level, latencies=sums), values)
        return rows + int(cursor.rowcount)


def count_raw(organization: Any, calls: int) -> int:
    """Count real rows of one hour, as the beat task does; return the calls/s."""
    from django.db import connection

    from integrations.audit.rollups import roll_up

    with connection.cursor() as cursor:
        cursor.execute(
            _RAW,
            {
                "since": dt.datetime.now(dt.UTC) - dt.timedelta(hours=1),
                "step": dt.timedelta(hours=1) / calls,
                "organization": organization.pk,
                "calls": calls,
            },
        )
        cursor.execute(_MARK, [organization.pk])
    began = time.perf_counter()
    roll_up(minutes_kept=dt.timedelta(days=3))
    return round(calls / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
