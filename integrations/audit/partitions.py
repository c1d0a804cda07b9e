"""The call log's days: each a partition, made ahead and dropped as a whole.

A call that finds no partition of its day lands in the default one: nothing is lost, an
alarm is raised, and the next keeping moves it to where it belongs.
"""

import datetime as dt
from typing import NamedTuple

from django.db import connection, transaction

_PREFIX = "audit_call_"
_DEFAULT = "audit_call_default"
#: How many days ahead partitions are made.
DAYS_AHEAD = 7

_DAYS = """
SELECT child.relname FROM pg_inherits
JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = 'audit_call'::regclass AND child.relname <> %s
"""
_STRAY_DAYS = f"""
SELECT DISTINCT (occurred_at AT TIME ZONE 'UTC')::date FROM {_DEFAULT}
"""  # noqa: S608 (a constant of ours)
_MOVE = """
WITH moved AS (
    DELETE FROM {default}
    WHERE occurred_at >= %(first)s AND occurred_at < %(last)s RETURNING *
)
INSERT INTO {name} SELECT * FROM moved
"""


class Kept(NamedTuple):
    """What one keeping did."""

    made: list[dt.date]
    moved: int
    dropped: list[dt.date]


def keep_partitions(today: dt.date, *, days_kept: int) -> Kept:
    """Make the partitions of the coming days, move strays home, drop what is old."""
    oldest = today - dt.timedelta(days=days_kept)
    present = days_present()
    ahead = {today + dt.timedelta(days=days) for days in range(-1, DAYS_AHEAD + 1)}
    wanted = (ahead | stray_days()) - present
    moved = sum(_make(day) for day in sorted(wanted))
    dropped = sorted(day for day in present | wanted if day < oldest)
    for day in dropped:
        _drop(day)
    return Kept(sorted(wanted), moved, dropped)


def days_present() -> set[dt.date]:
    """Return the days that have a partition."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, [_DEFAULT])
        return {
            dt.datetime.strptime(name, f"{_PREFIX}%Y%m%d").replace(tzinfo=dt.UTC).date()
            for (name,) in cursor.fetchall()
        }


def stray_days() -> set[dt.date]:
    """Return the days of calls that found no partition."""
    with connection.cursor() as cursor:
        cursor.execute(_STRAY_DAYS)
        return {day for (day,) in cursor.fetchall()}


@transaction.atomic
def _make(day: dt.date) -> int:
    """Make the partition of a day; return how many calls moved into it.

    The default partition is locked, so that none comes in between.
    """
    name = f"{_PREFIX}{day:%Y%m%d}"
    first = dt.datetime.combine(day, dt.time(), dt.UTC)
    bounds = {"first": first, "last": first + dt.timedelta(days=1)}
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {_DEFAULT} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"CREATE TABLE {name} (LIKE audit_call INCLUDING ALL)")
        cursor.execute(_MOVE.format(default=_DEFAULT, name=name), bounds)
        moved: int = cursor.rowcount
        cursor.execute(
            f"ALTER TABLE audit_call ATTACH PARTITION {name} "
            "FOR VALUES FROM (%(first)s) TO (%(last)s)",
            bounds,
        )
    return moved


def _drop(day: dt.date) -> None:
    """Drop a day with all of its calls."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {_PREFIX}{day:%Y%m%d}")
