"""A drainer's own connection to the database.

It holds the drainer's place (a lock that ends with the connection, so a dead drainer
leaves none behind), hears notifications, and runs the queue's statements.
"""

from typing import Any
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Cursor

from integrations.webhooks.auditing import tell_failed
from integrations.webhooks.models import Delivery
from integrations.webhooks.queue import (
    CHANNEL,
    Claimed,
    Result,
    claim_due,
    record_results,
    release,
)

FAILED = Delivery.Status.FAILED.value

# The first key of the advisory locks that are the drainers' places ("hook").
_PLACES = 0x686F6F6B

# A lost claim or result is sent again, so the queue need not wait for the disk. The
# tables grow and shrink faster than their statistics: always by index, one plan.
_SESSION = """
SELECT set_config('synchronous_commit', 'off', false),
       set_config('enable_seqscan', 'off', false),
       set_config('enable_hashjoin', 'off', false),
       set_config('enable_mergejoin', 'off', false),
       set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('jit', 'off', false),
       set_config('application_name', 'people-hr drainer', false)
"""

_WORK_WAITS = """
SELECT EXISTS (
    SELECT FROM webhooks_endpoint AS endpoint
    WHERE endpoint.is_enabled AND EXISTS (
        SELECT FROM webhooks_delivery AS delivery
        WHERE delivery.endpoint_id = endpoint.id AND delivery.due_at <= now()
          AND (delivery.claimed_until IS NULL OR delivery.claimed_until <= now()))
) AND %s > (
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND classid = %s AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
"""


def work_waits_for(places: int) -> bool:
    """Say whether something is due and a drainer's place is free to send it.

    One cheap statement on Django's own connection: it is asked each second.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_WORK_WAITS, [places, _PLACES])
        return bool(cursor.fetchone()[0])


class QueueLink:
    """The connection of one drainer.

    Its methods raise psycopg.OperationalError when the database goes away; `close` it
    then, and `open` it again.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._wrapper = connections.create_connection(DEFAULT_DB_ALIAS)
        self._connection: psycopg.Connection[Any] | None = None
        self._cursor: Cursor[Any] | None = None
        self._was_notified = False
        self.place: int | None = None
        self.statements = 0

    def open(self) -> bool:
        """Connect and take a place; return whether one was free."""
        self._wrapper.connect()
        connection: psycopg.Connection[Any] = self._wrapper.connection
        connection.prepare_threshold = 0
        connection.add_notify_handler(self._note)
        self._connection = connection
        self._cursor = Cursor(connection)
        self._cursor.execute(_SESSION)
        self.place = self._take_place()
        if self.is_first:
            self._cursor.execute(f"LISTEN {CHANNEL}")
        return self.place is not None

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    @property
    def is_first(self) -> bool:
        """Say whether this drainer is the one that stays and listens."""
        return self.place == 0

    def close(self) -> None:
        """Give up the place and the connection."""
        self._connection = self._cursor = self.place = None
        self._wrapper.close()

    @property
    def descriptors(self) -> list[int]:
        """Return what becomes readable when a notification comes."""
        return [] if self._connection is None else [self._connection.fileno()]

    def hear(self, *, is_readable: bool) -> bool:
        """Return whether deliveries were announced since this was last asked.

        Without reading, it finds what came together with a statement's answer.
        """
        if self._connection is not None:
            if is_readable:
                self._connection.pgconn.consume_input()
            while self._connection.pgconn.notifies():
                self._was_notified = True
        was_notified, self._was_notified = self._was_notified, False
        return was_notified

    def claim(
        self, *, claim: int, lease_seconds: float, rooms: dict[UUID, int], limit: int
    ) -> list[Claimed]:
        """See `queue.claim_due`."""
        return claim_due(
            self._counted(),
            claim=claim,
            lease_seconds=lease_seconds,
            rooms=rooms,
            limit=limit,
        )

    def record(self, results: list[Result]) -> int:
        """See `queue.record_results`; what was given up is told in the audit log."""
        failed = [result.delivery_id for result in results if result.status == FAILED]
        if not failed:
            return record_results(self._counted(), results)
        assert self._connection is not None
        with self._connection.transaction():
            recorded = record_results(self._counted(), results)
            tell_failed(self._counted(), failed)
        return recorded

    def release(self, claims: dict[UUID, int]) -> None:
        """See `queue.release`."""
        release(self._counted(), claims)

    def _take_place(self) -> int | None:
        assert self._cursor is not None
        for place in range(self._places):
            self._cursor.execute(
                "SELECT pg_try_advisory_lock(%s, %s)", (_PLACES, place)
            )
            row = self._cursor.fetchone()
            if row is not None and row[0]:
                return place
        return None

    def _counted(self) -> Cursor[Any]:
        if self._cursor is None:
            raise psycopg.OperationalError("The queue's connection is closed.")
        self.statements += 1
        return self._cursor

    def _note(self, notification: psycopg.Notify) -> None:
        self._was_notified = True
