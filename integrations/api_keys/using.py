"""When, from where and for what a key was last used: noted now, written later.

A request only leaves a note. A thread writes the notes of all keys in one statement;
each key's row changes at most once a minute, and its key never.
"""

import atexit
import logging
import os
import threading
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from uuid_utils.compat import uuid7

from integrations.api_keys.stamps import clock
from integrations.api_keys.verification import VerifiedKey

#: How long a key's row stays as it is after it was written, in seconds.
KEPT_SECONDS = 60.0
#: How often the thread looks whether something is to be written.
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
        self._waiting: dict[UUID, Use] = {}
        self._written: dict[UUID, float] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process = 0

    def note(self, key_id: UUID, use: Use) -> None:
        """Leave a note; microseconds, never an error."""
        with self._lock:
            self._waiting[key_id] = use
            if self._process != os.getpid() or self._thread is None:
                self._start()

    def _start(self) -> None:
        """Start the thread of this process; a fork has none of its parent's."""
        self._process = os.getpid()
        self._written = {}
        self._thread = threading.Thread(
            target=self._write_on, name="api-key-uses", daemon=True
        )
        self._thread.start()
        atexit.register(self.write, everything=True)

    def _write_on(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_SECONDS):
            self.write()

    def write(self, *, everything: bool = False) -> int:
        """Write what is due, or everything; return how many keys that were.

        Where the database is away, the notes wait for the next time.
        """
        due = self._take(everything=everything)
        if not due:
            return 0
        try:
            write_uses(due)
        except (OperationalError, InterfaceError) as error:
            logger.warning("The last uses of API keys are not written: %s", error)
            with self._lock:
                self._waiting = due | self._waiting
            return 0
        finally:
            if threading.current_thread() is self._thread:
                connection.close()
        return len(due)

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


_notes = Notes()


def note_use(key: VerifiedKey, *, address: str, endpoint: str) -> None:
    """Note that a key was used just now; costs the request microseconds."""
    _notes.note(key.id, Use(timezone.now(), address[:45], endpoint[:200]))


def write_notes() -> int:
    """Write what this process has noted, without waiting; say of how many keys."""
    return _notes.write(everything=True)


def write_uses(uses: dict[UUID, Use]) -> None:
    """Write the last uses of keys, in one statement; of keys that are gone: nothing.

    A row that another process wrote within the last minute stays as it is.
    """
    rows = [
        (uuid7(), key_id, use.at, use.address, use.endpoint)
        for key_id, use in sorted(uses.items())
    ]
    columns = list(zip(*rows, strict=True))
    with connection.cursor() as cursor:
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
