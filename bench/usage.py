"""How long the usage page's question takes, over rollups as 50 M calls leave them.

``script/bench usage`` or ``python -m bench.usage``. Fills the daily and hourly rollups
of one organization with 30 days of 50,000,000 calls (40 credentials, 30 routes, three
classes of answers), another as much beside it, counts some raw calls; asks; and
undoes it all.
"""

import argparse
import datetime as dt
import os
import statistics
import time
from collections.abc import Callable
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "people_hr.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

from integrations.audit.histogram import BUCKETS  # noqa: E402
from integrations.audit.rollups import LATENCIES, roll_up  # noqa: E402
from integrations.audit.usage import Bucket, calls_of, summary_of  # noqa: E402
from organizations.models import Organization  # noqa: E402

CALLS = 50_000_000
DAYS, CREDENTIALS, ROUTES = 30, 40, 30

# A bell over the buckets from 1 ms to 200 ms, so that most columns hold something.
_LATENCY = "round(%(calls)s * exp(-pow(({bucket} - 9.0) / 4, 2)) / 7.09)::bigint"
_FILL = f"""
INSERT INTO audit_usage_{{level}}
SELECT 0, at, %(organization)s, 'api_key', 'key' || credential, 'GET',
       '/api/v1/resource-' || route || '/', class, %(calls)s, 200, 4000, 90000,
       {", ".join(_LATENCY.format(bucket=bucket) for bucket in range(BUCKETS))}
FROM generate_series(%(since)s::timestamptz, %(last)s, %(step)s::interval) AS at,
     generate_series(1, {CREDENTIALS}) AS credential,
     generate_series(1, {ROUTES}) AS route, unnest(ARRAY[2, 4, 5]) AS class
"""
# The coarser rows: credentials (1), routes (2), neither (3).
_COARSER = f"""
INSERT INTO audit_usage_{{level}}
SELECT grouping(credential_kind, method), bucket, organization_id,
       coalesce(credential_kind, ''), coalesce(credential_id, ''),
       coalesce(method, ''), coalesce(route, ''), status_class,
       sum(calls), sum(bytes_in), sum(bytes_out), sum(duration_us),
       {", ".join(f"sum({latency})" for latency in LATENCIES)}
FROM audit_usage_{{level}} WHERE organization_id = %(organization)s
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
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=30)
    options.add_argument("--raw", type=int, default=200_000, help="raw calls to count")
    chosen = options.parse_args()
    with transaction.atomic():
        measure(chosen.rounds, chosen.raw)
        transaction.set_rollback(True)


def measure(rounds: int, raw: int) -> None:
    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since, until = today - dt.timedelta(days=DAYS), today
    organizations = [
        Organization.objects.create(name=name, slug=f"bench-{uuid4().hex[:8]}")
        for name in ("Bench", "Beside it")
    ]
    for organization in organizations:
        fill(organization, "day", since, until, DAYS)
    fill(organizations[0], "hour", since, until, DAYS * 24)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_usage_day; ANALYZE audit_usage_hour")
    whose = organizations[0]
    asked = {"since": since, "until": until}
    told = {
        "page, 30 days by day": lambda: summary_of(whose, **asked, bucket=Bucket.DAY),
        "series, 30 days by day": lambda: calls_of(whose, **asked, bucket=Bucket.DAY),
        "one credential, by day": lambda: summary_of(
            whose, **asked, bucket=Bucket.DAY, credential_id="key7"
        ),
        "one credential, by hour": lambda: calls_of(
            whose, **asked, bucket=Bucket.HOUR, credential_id="key7"
        ),
    }
    total = summary_of(whose, **asked, bucket=Bucket.DAY).total
    print(f"{total.calls:,} calls in {DAYS} days; p95 {total.p95_ms} ms")
    for name, ask in told.items():
        report(name, ask, rounds)
    count_raw(whose, raw)


def fill(
    organization: Organization,
    level: str,
    since: dt.datetime,
    until: dt.datetime,
    buckets: int,
) -> None:
    per_row = round(CALLS / (buckets * CREDENTIALS * ROUTES * 3))
    with connection.cursor() as cursor:
        cursor.execute(
            _FILL.format(level=level),
            {
                "organization": organization.pk,
                "since": since,
                "last": until - dt.timedelta(minutes=1),
                "step": f"1 {level}",
                "calls": max(per_row, 1),
            },
        )
        rows = cursor.rowcount
        cursor.execute(_COARSER.format(level=level), {"organization": organization.pk})
        print(f"{rows + cursor.rowcount:,} rows of level {level}")


def report(name: str, ask: Callable[[], object], rounds: int) -> None:
    ask()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1000)
    p95 = sorted(taken)[int(len(taken) * 0.95)]
    print(f"{name:26} p50 {statistics.median(taken):6.1f} ms   p95 {p95:6.1f} ms")


def count_raw(organization: Organization, calls: int) -> None:
    """Count real rows of one hour, as the beat task does."""
    now = dt.datetime.now(dt.UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            _RAW,
            {
                "since": now - dt.timedelta(hours=1),
                "step": dt.timedelta(hours=1) / calls,
                "organization": organization.pk,
                "calls": calls,
            },
        )
        cursor.execute(_MARK, [organization.pk])
    began = time.perf_counter()
    counted = roll_up(minutes_kept=dt.timedelta(days=3))
    taken = time.perf_counter() - began
    print(
        f"{calls:,} raw calls in {counted.minutes} minutes counted in {taken:.2f} s"
        f" ({calls / taken:,.0f} calls/s)"
    )


if __name__ == "__main__":
    assert len(LATENCIES) == BUCKETS
    main()
