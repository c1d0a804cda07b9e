"""Numbers that only grow, kept in the database for all processes together."""

from typing import Any

CALLS_DROPPED = "calls_dropped"
CALLS_REFUSED = "calls_refused"
MINUTES_TOO_LATE = "minutes_too_late"
DURATION_US = "duration_us"

_ADD = """
INSERT INTO audit_counter AS counter (name, value) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value
"""


def calls_of_class(status_class: int) -> str:
    """Return the counter of the calls that were answered 2xx, 4xx…"""
    return f"calls_{status_class}xx"


def calls_answered(status: int) -> str:
    """Return the counter of the calls that were answered with one status."""
    return f"calls_{status}"


def calls_of_latency(bucket: int) -> str:
    """Return the counter of the calls in a bucket of the latency histogram."""
    return f"latency_{bucket:02}"


def add(cursor: Any, name: str, amount: int) -> None:
    """Let a counter grow, in the transaction of the cursor."""
    cursor.execute(_ADD, [name, amount])


def read(cursor: Any) -> dict[str, int]:
    """Return every counter that has ever grown."""
    cursor.execute("SELECT name, value FROM audit_counter")
    return dict(cursor.fetchall())
