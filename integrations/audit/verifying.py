"""Tell whether the chains are whole, and forget old events by whole prefixes."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from integrations.audit.chain import INSTALLATION, canonical, is_anchored, link
from integrations.audit.sealing import (
    BATCH,
    COLUMNS,
    EVENT,
    Head,
    as_event,
    keep_head,
    lock,
    read_head,
)

_CHAINS = """
SELECT id, length, head, pruned_length, pruned_head, anchor FROM audit_chain ORDER BY id
"""
_LINKS = f"""
SELECT seal.number, seal.event_id, seal.hash, {EVENT}
FROM audit_seal AS seal LEFT JOIN audit_event AS event ON event.id = seal.event_id
WHERE seal.chain_id = %s AND seal.number > %s
ORDER BY seal.number LIMIT {BATCH}
"""  # noqa: S608
_LOOSE = """
SELECT event.id FROM audit_event AS event
WHERE NOT EXISTS (SELECT FROM audit_seal WHERE event_id = event.id)
  AND NOT EXISTS (SELECT FROM audit_unsealed WHERE event_id = event.id)
ORDER BY event.id LIMIT 1
"""
_HEADLESS = """
SELECT DISTINCT seal.chain_id FROM audit_seal AS seal
WHERE NOT EXISTS (SELECT FROM audit_chain WHERE id = seal.chain_id)
"""


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain is not what was sealed."""

    chain_id: UUID
    number: int
    event_id: UUID | None
    reason: str

    def __str__(self) -> str:
        whose = "installation" if self.chain_id == INSTALLATION else str(self.chain_id)
        event = f", event {self.event_id}" if self.event_id else ""
        return f"Chain {whose}, link {self.number}{event}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a walk over all chains has found."""

    chains: int
    links: int
    breaks: list[Break]


@transaction.atomic
def verify() -> Report:
    """Walk every chain from where it is kept; find the first break of each."""
    breaks: list[Break] = []
    links = 0
    with connection.cursor() as cursor:
        lock(cursor)
        cursor.execute(_CHAINS)
        chains = cursor.fetchall()
        for row in chains:
            counted, found = _verify_chain(cursor, row)
            links += counted
            breaks += found
        breaks += _outside(cursor)
    return Report(len(chains), links, breaks)


def _verify_chain(cursor: Any, row: tuple[Any, ...]) -> tuple[int, list[Break]]:
    chain_id, length, head, pruned_length, pruned_head, held = row
    told = Head(length, bytes(head), pruned_length, bytes(pruned_head))
    if not is_anchored(
        bytes(held), settings.ENCRYPTION_KEYS, chain_id, **told.values()
    ):
        return 0, [Break(chain_id, length, None, "its head was changed.")]
    number, previous = told.pruned_length, told.pruned_head
    for found, event_id, hash_, event in links_of(cursor, chain_id, number):
        if found != number + 1:
            return number, [
                Break(chain_id, number + 1, None, f"link {number + 1} is missing.")
            ]
        if event["id"] is None:
            reason = "its event is missing."
            return number, [Break(chain_id, found, event_id, reason)]
        if link(previous, canonical(chain_id, found, event)) != hash_:
            reason = "it was changed after it was sealed."
            return number, [Break(chain_id, found, event_id, reason)]
        number, previous = found, hash_
    if (number, previous) != (told.length, told.head):
        reason = f"the chain ends here, but had {told.length} links."
        return number, [Break(chain_id, number, None, reason)]
    return number - told.pruned_length, []


def links_of(
    cursor: Any, chain_id: UUID, after: int
) -> Iterator[tuple[int, UUID, bytes, dict[str, Any]]]:
    """Yield number, event, hash and row of each link after a number, in order."""
    while True:
        cursor.execute(_LINKS, [chain_id, after])
        rows = cursor.fetchall()
        for number, event_id, hash_, *event in rows:
            held: dict[str, Any] = dict(zip(COLUMNS, event, strict=True))
            if held["occurred_at"]:
                held = as_event(tuple(event))
            yield number, event_id, bytes(hash_), held
            after = number
        if len(rows) < BATCH:
            return


def _outside(cursor: Any) -> list[Break]:
    """Find chains without a head, and an event that neither waits nor is sealed."""
    cursor.execute(_HEADLESS)
    breaks = [Break(row[0], 0, None, "its head is gone.") for row in cursor.fetchall()]
    cursor.execute(_LOOSE)
    breaks += [
        Break(INSTALLATION, 0, row[0], "this event is in no chain.")
        for row in cursor.fetchall()
    ]
    return breaks


_PRUNE_EVENTS = """
DELETE FROM audit_event USING audit_seal AS seal
WHERE audit_event.id = seal.event_id AND seal.chain_id = %s AND seal.number <= %s
"""
_PRUNE_SEALS = "DELETE FROM audit_seal WHERE chain_id = %s AND number <= %s"
#: What the triggers look for; it ends with the transaction.
_ALLOW = "SELECT set_config('people_hr.pruning_verified_prefix', %s, true)"


def prune_events(before: dt.datetime) -> int:
    """Forget the sealed events from before a moment; return how many.

    Of each chain the longest verified beginning goes whose events are all that old;
    the head remembers its last hash, so that the rest still verifies. A chain that is
    broken is left as it is.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM audit_chain ORDER BY id")
        chains = [chain_id for (chain_id,) in cursor.fetchall()]
    return sum(_prune_chain(chain_id, before) for chain_id in chains)


@transaction.atomic
def _prune_chain(chain_id: UUID, before: dt.datetime) -> int:
    with connection.cursor() as cursor:
        lock(cursor)
        head = read_head(cursor, chain_id)
        began = head.pruned_length
        for number, _event_id, hash_, event in links_of(cursor, chain_id, began):
            content = canonical(chain_id, head.pruned_length + 1, event)
            is_whole = number == head.pruned_length + 1 and event["id"] is not None
            if not is_whole or event["occurred_at"] >= before:
                break
            if link(head.pruned_head, content) != hash_:
                break
            head.pruned_length, head.pruned_head = number, hash_
        if head.pruned_length > began:
            cursor.execute(_ALLOW, ["on"])
            cursor.execute(_PRUNE_EVENTS, [chain_id, head.pruned_length])
            cursor.execute(_PRUNE_SEALS, [chain_id, head.pruned_length])
            cursor.execute(_ALLOW, ["off"])
            keep_head(cursor, chain_id, head)
    return head.pruned_length - began
