"""Usage per minute, hour and day, counted from the call log.

Whoever writes calls marks their minutes in the same transaction. :func:`roll_up` takes
the marks and counts those minutes anew, then the hours and days that they lie in: so it
may run twice, be interrupted, or find rows that came late, and the numbers are the
same. (A watermark of time would have to guess how late a row can come.)
"""

import datetime as dt
from collections.abc import Iterable
from enum import IntEnum
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from integrations.audit import counting
from integrations.audit.chain import INSTALLATION
from integrations.audit.histogram import BOUNDS, BUCKETS

#: The advisory lock of whoever counts ("roll").
_LOCK = 0x726F6C6C
#: How many minutes are counted in one transaction.
_MINUTES = 240


class Grain(IntEnum):
    """What a row tells apart, beside the class of the answer."""

    EVERYTHING = 0
    CREDENTIALS = 1
    ROUTES = 2
    TOTAL = 3


LATENCIES = tuple(f"latency_{bucket:02}" for bucket in range(BUCKETS))
_CREDENTIAL = "credential_kind, credential_id"
_ROUTE = "method, route"
_KEYS = f"grain, organization_id, {_CREDENTIAL}, {_ROUTE}, status_class"
_NUMBERS = ("calls", "bytes_in", "bytes_out", "duration_us", *LATENCIES)
_BY_LATENCY = ", ".join(
    f"coalesce(sum(calls) FILTER (WHERE latency = {bucket}), 0)"
    for bucket in range(BUCKETS)
)
_COLUMNS = f"bucket, {_KEYS}, {', '.join(_NUMBERS)}"

_TAKE_MARKS = """
DELETE FROM audit_stale_minute WHERE minute IN (
    SELECT DISTINCT minute FROM audit_stale_minute ORDER BY minute LIMIT %s)
RETURNING minute
"""
# Grouped by bucket of latency first, so that each call is looked at once. The bits of
# grouping() are the grains.
_COUNT_MINUTES = f"""
INSERT INTO audit_usage_minute ({_COLUMNS})
SELECT bucket, grouping(credential_kind, method), organization_id,
       coalesce(credential_kind, ''), coalesce(credential_id, ''),
       coalesce(method, ''), coalesce(route, ''), status_class,
       sum(calls), sum(bytes_in), sum(bytes_out), sum(duration_us),
       {_BY_LATENCY}
FROM (
    SELECT minute AS bucket, coalesce(organization_id, '{INSTALLATION}')
               AS organization_id,
           {_CREDENTIAL}, {_ROUTE}, status / 100 AS status_class,
           width_bucket(duration_us, ARRAY{list(BOUNDS)}::bigint[]) AS latency,
           count(*) AS calls, sum(bytes_in) AS bytes_in, sum(bytes_out) AS bytes_out,
           sum(duration_us) AS duration_us
    FROM unnest(%s::timestamptz[]) AS minute JOIN audit_call
      ON occurred_at >= minute AND occurred_at < minute + interval '1 minute'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
) AS counted
GROUP BY bucket, organization_id, status_class, GROUPING SETS (
    ({_CREDENTIAL}, {_ROUTE}), ({_CREDENTIAL}), ({_ROUTE}), ())
"""  # noqa: S608 (constants of ours)
_ADD_UP = f"""
INSERT INTO audit_usage_{{level}} ({_COLUMNS})
SELECT start, {_KEYS}, {", ".join(f"sum({number})" for number in _NUMBERS)}
FROM unnest(%s::timestamptz[]) AS start JOIN audit_usage_{{finer}}
  ON bucket >= start AND bucket < start + interval '1 {{level}}'
GROUP BY start, {_KEYS}
"""  # noqa: S608
_FORGET = "DELETE FROM audit_usage_{level} WHERE bucket = ANY(%s)"
_TOTALS = f"""
SELECT status_class, sum(duration_us), {", ".join(f"sum({n})" for n in LATENCIES)}
FROM audit_usage_minute WHERE bucket = ANY(%s) AND grain = {Grain.TOTAL:d}
GROUP BY status_class
"""  # noqa: S608


class Counted(NamedTuple):
    """What one rolling up did."""

    minutes: int
    too_late: int


def roll_up(*, minutes_kept: dt.timedelta) -> Counted:
    """Count what changed since the last time; nothing while another process does.

    A minute whose own numbers are no longer kept cannot be counted anew: its mark is
    dropped, and counted.
    """
    # The whole first hour must still be there for its sum to be right.
    oldest = timezone.now() - minutes_kept + dt.timedelta(hours=2)
    counted = too_late = 0
    while marks := _roll_up_some(oldest):
        counted += marks.minutes
        too_late += marks.too_late
    return Counted(counted, too_late)


@transaction.atomic
def _roll_up_some(oldest: dt.datetime) -> Counted | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(_TAKE_MARKS, [_MINUTES])
        marked = {minute for (minute,) in cursor.fetchall()}
        if not marked:
            return None
        minutes = sorted(minute for minute in marked if minute >= oldest)
        _count(cursor, minutes)
        too_late = len(marked) - len(minutes)
        if too_late:
            counting.add(cursor, counting.MINUTES_TOO_LATE, too_late)
    return Counted(len(minutes), too_late)


def _count(cursor: Any, minutes: list[dt.datetime]) -> None:
    """Count these minutes anew, and all that is summed up of them."""
    before = _totals(cursor, minutes)
    _replace(cursor, "minute", minutes, _COUNT_MINUTES)
    _add_differences(cursor, before, _totals(cursor, minutes))
    hours = sorted({minute.replace(minute=0) for minute in minutes})
    _replace(cursor, "hour", hours, _ADD_UP.format(level="hour", finer="minute"))
    add_up_days(
        cursor, sorted({hour.astimezone(dt.UTC).replace(hour=0) for hour in hours})
    )


def add_up_days(cursor: Any, days: list[dt.datetime]) -> None:
    """Sum days up anew from their hours."""
    _replace(cursor, "day", days, _ADD_UP.format(level="day", finer="hour"))


def _replace(cursor: Any, level: str, buckets: list[dt.datetime], count: str) -> None:
    cursor.execute(_FORGET.format(level=level), [buckets])
    cursor.execute(count, [buckets])


def _totals(cursor: Any, minutes: Iterable[dt.datetime]) -> dict[str, int]:
    """Return the installation's numbers of some minutes, by the names of counters."""
    cursor.execute(_TOTALS, [list(minutes)])
    totals: dict[str, int] = {}
    for status_class, duration_us, *latencies in cursor.fetchall():
        totals[counting.calls_of_class(status_class)] = int(sum(latencies))
        _increase(totals, counting.DURATION_US, duration_us)
        for bucket, calls in enumerate(latencies):
            _increase(totals, counting.calls_of_latency(bucket), calls)
    return totals


def _increase(totals: dict[str, int], name: str, amount: Any) -> None:
    totals[name] = totals.get(name, 0) + int(amount)


def _add_differences(
    cursor: Any, before: dict[str, int], after: dict[str, int]
) -> None:
    for name, value in after.items():
        if grown := value - before.get(name, 0):
            counting.add(cursor, name, grown)


def prune_usage(kept: dict[str, dt.timedelta]) -> int:
    """Forget the numbers of each level that are older than they are kept."""
    deleted = 0
    with connection.cursor() as cursor:
        for level, age in kept.items():
            cursor.execute(
                f"DELETE FROM audit_usage_{level} WHERE bucket < %s",  # noqa: S608
                [timezone.now() - age],
            )
            deleted += cursor.rowcount
    return deleted
