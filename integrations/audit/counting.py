"""Numbers that only grow, kept in the database for all processes together."""

from typing import Any

CALLS_DROPPED = "calls_dropped"
CALLS_REFUSED = "calls_refused"

_ADD = """
INSERT INTO audit_counter AS counter (name, value) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value
"""


def add(cursor: Any, name: str, amount: int) -> None:
    """Let a counter grow, in the transaction of the cursor."""
    cursor.execute(_ADD, [name, amount])


def read(cursor: Any) -> dict[str, int]:
    """Return every counter that has ever grown."""
    cursor.execute("SELECT name, value FROM audit_counter")
    return dict(cursor.fetchall())
