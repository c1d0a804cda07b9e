"""How a batch of calls becomes rows: one COPY on a connection of its own."""

import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

from integrations.audit.counting import (
    CALLS_DROPPED,
    CALLS_REFUSED,
    add,
    calls_answered,
)

if TYPE_CHECKING:
    from integrations.audit.calls import ApiCall

_COPY = """
COPY audit_call (
    id, occurred_at, organization_id, actor_type, actor_id, credential_kind,
    credential_id, method, route, status, address, agent, duration_us, bytes_in,
    bytes_out, request_id
) FROM STDIN
"""
# In the same transaction: the rollups of these minutes are to be made anew.
_MARK = "INSERT INTO audit_stale_minute (minute) SELECT unnest(%s::timestamptz[])"
_IS_WRITTEN = (
    "SELECT EXISTS (SELECT FROM audit_call WHERE occurred_at = %s AND id = %s)"
)
_SESSION = "SELECT set_config('application_name', 'people-hr call log', false)"

NULL = r"\N"
#: The widths of the columns; longer text is cut.
WORD, NAME, ROUTE, ADDRESS, AGENT, REQUEST = 20, 100, 200, 45, 300, 64

#: The answers of the door that are counted by status: who are you, not this, too fast,
#: too many new keys at once.
REFUSALS = (401, 403, 429, 503)
#: What a caller may say of a length, at most: PostgreSQL's bigint.
MOST = 2**63 - 1


class CallSink:
    """The connection of one flusher; opened by the first write.

    Its methods raise psycopg.OperationalError when the database is away.
    """

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._wrapper: Any = None
        self._unsure: tuple[datetime, str] | None = None
        self._ids: list[str] = []

    def write(self, calls: Sequence["ApiCall"]) -> None:
        """Write the calls, all or none; once, also when the last answer got lost."""
        connection = self.opened()
        if self._is_written(calls):
            return
        self._ids = list(_new_ids(calls))
        self._unsure = (calls[0].occurred_at, self._ids[0])
        lines = map(line_of, calls, self._ids)
        with connection.transaction(), connection.cursor() as cursor:
            with cursor.copy(_COPY) as copy:
                copy.write("".join(lines))
            cursor.execute(_MARK, [minutes_of(calls)])
            # In one order by everybody, so that nobody waits for somebody who waits.
            for status, refused in sorted(refusals_of(calls).items()):
                add(cursor, calls_answered(status), refused)
        self._unsure = None

    def _is_written(self, calls: Sequence["ApiCall"]) -> bool:
        """Say whether a commit whose answer did not arrive has happened after all."""
        if self._unsure is None or self._unsure[0] != calls[0].occurred_at:
            return False
        found = self.opened().execute(_IS_WRITTEN, self._unsure).fetchone()
        self._unsure = None
        return bool(found and found[0])

    def count_dropped(self, calls: int) -> None:
        """Write down that calls found no room."""
        with self.opened().cursor() as cursor:
            add(cursor, CALLS_DROPPED, calls)

    def count_refused(self, calls: int) -> None:
        """Write down that the table took some calls not."""
        with self.opened().cursor() as cursor:
            add(cursor, CALLS_REFUSED, calls)

    def close(self) -> None:
        """Let the connection go; the next write opens another."""
        self._connection = None
        if self._wrapper is not None:
            self._wrapper.close()
            self._wrapper = None

    def opened(self) -> psycopg.Connection[Any]:
        """Return the connection, in autocommit.

        Raises:
            psycopg.OperationalError: when there is none to be had.
        """
        if self._connection is None:
            # Django's own settings, but not its connections: those are requests'.
            self._wrapper = connections.create_connection(DEFAULT_DB_ALIAS)
            parameters = self._wrapper.get_connection_params()
            self._connection = self._wrapper.get_new_connection(parameters)
            self._wrapper.connection = self._connection
            self._connection.autocommit = True
            self._connection.execute(_SESSION)
        return self._connection


def minutes_of(calls: Sequence["ApiCall"]) -> list[datetime]:
    """Return the minutes that calls fall into, each once."""
    return sorted({call.occurred_at.replace(second=0, microsecond=0) for call in calls})


def refusals_of(calls: Sequence["ApiCall"]) -> Counter[int]:
    """Return how often the door answered with each status that refuses somebody."""
    return Counter(call.status for call in calls if call.status in REFUSALS)


def _new_ids(calls: Sequence["ApiCall"]) -> list[str]:
    """Return a UUIDv7 (RFC 9562) of each call's moment, as 32 hexadecimal digits."""
    random = os.urandom(9 * len(calls)).hex()
    return [
        f"{int(call.occurred_at.timestamp() * 1000):012x}"
        f"7{random[start : start + 3]}8{random[start + 3 : start + 18]}"
        for start, call in zip(range(0, len(random), 18), calls, strict=True)
    ]


def line_of(call: "ApiCall", id_: str) -> str:
    """Return a call as a line of COPY's text format."""
    organization = call.organization_id
    return "\t".join(
        (
            id_,
            call.occurred_at.astimezone(UTC).isoformat(),
            NULL if organization is None else organization.hex,
            text(call.actor_type, WORD),
            NULL if call.actor_id is None else text(call.actor_id, NAME),
            text(call.credential_kind, WORD),
            text(call.credential_id, NAME),
            text(call.method, WORD),
            text(call.route, ROUTE),
            str(call.status),
            text(call.address, ADDRESS),
            text(call.agent, AGENT),
            str(call.duration_us),
            str(min(call.bytes_in, MOST)),
            str(min(call.bytes_out, MOST)),
            text(call.request_id, REQUEST) + "\n",
        )
    )


def text(value: str, width: int) -> str:
    """Return a text for COPY: cut, without control characters, backslashes escaped."""
    value = value[:width]
    if not value.isprintable():
        value = "".join(
            letter if letter.isprintable() else "\ufffd" for letter in value
        )
    return value.replace("\\", "\\\\")
