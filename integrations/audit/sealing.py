"""Chain the events that wait.

One sealer at a time (an advisory lock), so the order of a chain is the order in which
it saw the events; whoever writes an event does not wait for it. Until an event is
sealed, which takes seconds, its removal would not be noticed.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from integrations.audit.chain import (
    BEGINNING,
    INSTALLATION,
    anchor,
    canonical,
    link,
)

#: The advisory lock of whoever seals or prunes ("audi").
_LOCK = 0x61756469
BATCH = 1000

COLUMNS = (
    "id",
    "log",
    "occurred_at",
    "organization_id",
    "kind",
    "actor_type",
    "actor_id",
    "subject",
    "reason",
    "address",
    "request_id",
    "details",
)
EVENT = ", ".join(
    "event.details::text" if name == "details" else f"event.{name}" for name in COLUMNS
)
_WAITING = f"""
SELECT {EVENT} FROM audit_unsealed AS unsealed
JOIN audit_event AS event ON event.id = unsealed.event_id
ORDER BY event.id LIMIT {BATCH}
"""  # noqa: S608 (constants of ours)
_HEAD = """
SELECT length, head, pruned_length, pruned_head FROM audit_chain WHERE id = %s
"""
_SEAL = "INSERT INTO audit_seal (chain_id, number, event_id, hash) VALUES (%s,%s,%s,%s)"
_KEEP_HEAD = """
INSERT INTO audit_chain (id, length, head, pruned_length, pruned_head, anchor)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET
    length = excluded.length, head = excluded.head,
    pruned_length = excluded.pruned_length, pruned_head = excluded.pruned_head,
    anchor = excluded.anchor
"""


@dataclass(slots=True)
class Head:
    """Where a chain ends, and where its kept part begins."""

    length: int = 0
    head: bytes = BEGINNING
    pruned_length: int = 0
    pruned_head: bytes = BEGINNING

    def values(self) -> dict[str, Any]:
        """Return what an anchor vouches for."""
        return {
            "length": self.length,
            "head": self.head,
            "pruned_length": self.pruned_length,
            "pruned_head": self.pruned_head,
        }


def seal() -> int:
    """Chain what waits; return how many, 0 while another process does it."""
    sealed = 0
    while count := _seal_batch():
        sealed += count
    return sealed


@transaction.atomic
def _seal_batch() -> int:
    with connection.cursor() as cursor:
        if not _is_locked(cursor):
            return 0
        cursor.execute(_WAITING)
        events = [as_event(row) for row in cursor.fetchall()]
        heads: dict[UUID, Head] = {}
        seals = [_next_link(cursor, heads, event) for event in events]
        cursor.executemany(_SEAL, seals)
        for chain_id, head in heads.items():
            keep_head(cursor, chain_id, head)
        cursor.execute(
            "DELETE FROM audit_unsealed WHERE event_id = ANY(%s)",
            [[event["id"] for event in events]],
        )
    return len(events)


def _is_locked(cursor: Any) -> bool:
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
    return bool(cursor.fetchone()[0])


def lock(cursor: Any) -> None:
    """Wait until nobody seals or prunes, and keep it so in this transaction."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def as_event(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return a row as it is hashed; its details as the database writes them."""
    event = dict(zip(COLUMNS, row, strict=True))
    event["occurred_at"] = event["occurred_at"].astimezone(dt.UTC)
    return event


def _next_link(
    cursor: Any, heads: dict[UUID, Head], event: dict[str, Any]
) -> tuple[UUID, int, UUID, bytes]:
    chain_id = event["organization_id"] or INSTALLATION
    if chain_id not in heads:
        heads[chain_id] = read_head(cursor, chain_id)
    head = heads[chain_id]
    head.length += 1
    head.head = link(head.head, canonical(chain_id, head.length, event))
    return chain_id, head.length, event["id"], head.head


def read_head(cursor: Any, chain_id: UUID) -> Head:
    """Return a chain's head; that of a chain that is yet to begin, too."""
    cursor.execute(_HEAD, [chain_id])
    row = cursor.fetchone()
    if row is None:
        return Head()
    length, head, pruned_length, pruned_head = row
    return Head(length, bytes(head), pruned_length, bytes(pruned_head))


def keep_head(cursor: Any, chain_id: UUID, head: Head) -> None:
    """Write a head down, anchored under the newest key."""
    held = anchor(settings.ENCRYPTION_KEYS[0], chain_id, **head.values())
    cursor.execute(
        _KEEP_HEAD,
        [
            *(chain_id, head.length, head.head),
            *(head.pruned_length, head.pruned_head, held),
        ],
    )
