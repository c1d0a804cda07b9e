"""When, from where and for what a key was last used: noted now, written later.

A request only leaves a note. The thread that writes the call log out, on a connection
of its own, writes the notes of all keys in one statement, also when the process ends;
each key's row changes at most once a minute, and its key never.
"""

import logging
import os
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from django.utils import timezone
from uuid_utils.compat import uuid7

from integrations.api_keys.stamps import clock
from integrations.api_keys.verification import VerifiedKey
from integrations.audit.flusher import Connect

#: How long a key's row stays as it is after it was written, in seconds.
KEPT_SECONDS = 60.0
#: How often it is looked whether something is to be written.
LOOK_SECONDS = 5.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a key."""

    at: datetime
    address: str
    endpoint: str


class Notes:
    """The last use of each key in this process that is not yet written."""

    def __init__(self) -> None:
        self.forget_all()

    def forget_all(self) -> None:
        """Begin anew: in a forked child, what waits is the parent's to write."""
        self._waiting: dict[UUID, Use] = {}
        self._written: dict[UUID, float] = {}
        self._lock = threading.Lock()
        self._look_at = 0.0

    def note(self, key_id: UUID, use: Use) -> None:
        """Leave a note; microseconds, never an error."""
        with self._lock:
            self._waiting[key_id] = use

    def write(self, connect: Connect, *, is_last: bool) -> None:
        """Write what is due; of a process that ends, everything.

        Raises:
            psycopg.OperationalError: where the database is away; the notes wait.
        """
        if not is_last and clock() < self._look_at:
            return
        self._look_at = clock() + LOOK_SECONDS
        due = self._take(everything=is_last)
        if not due:
            return
        try:
            with connect().cursor() as cursor:
                write_uses(cursor, due)
        except psycopg.OperationalError:
            self._put_back(due)
            raise
        except psycopg.Error:
            logger.exception("The last uses of %d API keys are not written.", len(due))

    def _take(self, *, everything: bool) -> dict[UUID, Use]:
        now = clock()
        with self._lock:
            due = {
                key_id: use
                for key_id, use in self._waiting.items()
                if everything or now - self._written.get(key_id, -1e9) >= KEPT_SECONDS
            }
            for key_id in due:
                del self._waiting[key_id]
                self._written[key_id] = now
        return due

    def _put_back(self, uses: dict[UUID, Use]) -> None:
        with self._lock:
            self._waiting = uses | self._waiting
            for key_id in uses:
                self._written.pop(key_id, None)


notes = Notes()
os.register_at_fork(after_in_child=notes.forget_all)


def note_use(key: VerifiedKey, *, address: str, endpoint: str) -> None:
    """Note that a key was used just now; costs the request microseconds."""
    notes.note(key.id, Use(timezone.now(), address[:45], endpoint[:200]))


def write_uses(cursor: Any, uses: dict[UUID, Use]) -> None:
    """Write the last uses of keys, in one statement; of keys that are gone: nothing.

    A row that another process wrote within the last minute stays as it is.
    """
    rows = [
        (uuid7(), key_id, use.at, use.address, use.endpoint)
        for key_id, use in sorted(uses.items())
    ]
    columns = list(zip(*rows, strict=True))
    cursor.execute(
        "INSERT INTO api_keys_keyuse "
        "(id, organization_id, key_id, last_used_at, address, endpoint) "
        "SELECT given.id, kept.organization_id, kept.id, given.at, "
        "given.address, given.endpoint "
        "FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::text[], "
        "%s::text[]) AS given (id, key_id, at, address, endpoint) "
        "JOIN api_keys_apikey AS kept ON kept.id = given.key_id "
        "ON CONFLICT (key_id) DO UPDATE SET last_used_at = excluded.last_used_at, "
        "address = excluded.address, endpoint = excluded.endpoint "
        "WHERE api_keys_keyuse.last_used_at "
        "<= excluded.last_used_at - make_interval(secs => %s)",
        [*map(list, columns), KEPT_SECONDS],
    )


def claim_canary_mail(key_id: str, address: str) -> bool:
    """Write that a canary was tried; say whether its mail is due, as once an hour."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO api_keys_keyuse "
            "(id, organization_id, key_id, last_used_at, address, endpoint, told_at) "
            "SELECT %s, organization_id, id, now(), %s, '', now() "
            "FROM api_keys_apikey WHERE id = %s "
            "ON CONFLICT (key_id) DO UPDATE SET last_used_at = now(), "
            "address = excluded.address, told_at = now() "
            "WHERE coalesce(api_keys_keyuse.told_at, '-infinity') "
            "<= now() - interval '1 hour' RETURNING id",
            [uuid7(), address[:45], key_id],
        )
        return cursor.fetchone() is not None
