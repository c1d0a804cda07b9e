"""The rows that are the queue: claim what is due, record what came of it.

Each function is one statement. They take a plain psycopg cursor, because the drainer
has a connection of its own: it listens on it, and holds its place by a lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor

from integrations.webhooks.pacing import FIRST_CONNECTIONS

CHANNEL = "webhook_deliveries"


class Claimed(NamedTuple):
    """A delivery that this worker holds, with all that is needed to send it."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    attempts: int
    url: str
    encrypted_secret: str
    body: str


@dataclass(slots=True)
class Result:
    """What came of one attempt. ``wait_seconds`` is None when there is no next one."""

    delivery_id: UUID
    claim: int
    attempt_id: UUID
    status: str
    wait_seconds: float | None
    status_code: int | None
    duration_ms: int
    error: str
    excerpt: str
    started_at: float  # Unix time


# `queue` walks from endpoint to endpoint in the index of due deliveries, so that its
# cost is one probe for each endpoint that something waits for. Endpoints are served in
# random order: where the limit cuts off, it cuts off another one each time.
# A first attempt waits while an earlier change of the same subject was never tried;
# tried ones keep nothing back, however long their retries take.
_CLAIM = """
WITH RECURSIVE queue (endpoint_id) AS (
    (SELECT endpoint_id FROM webhooks_delivery
     WHERE due_at IS NOT NULL ORDER BY endpoint_id LIMIT 1)
    UNION ALL
    SELECT (SELECT later.endpoint_id FROM webhooks_delivery AS later
            WHERE later.due_at IS NOT NULL AND later.endpoint_id > queue.endpoint_id
            ORDER BY later.endpoint_id LIMIT 1)
    FROM queue WHERE queue.endpoint_id IS NOT NULL
),
open_endpoint AS MATERIALIZED (
    SELECT endpoint.id, endpoint.url, endpoint.encrypted_secret,
           coalesce(known.room, %(default_room)s) AS room
    FROM queue
    JOIN webhooks_endpoint AS endpoint
      ON endpoint.id = queue.endpoint_id AND endpoint.is_enabled
    LEFT JOIN unnest(%(endpoints)s::uuid[], %(rooms)s::int[])
      AS known (endpoint_id, room) ON known.endpoint_id = endpoint.id
    ORDER BY random()
),
picked AS MATERIALIZED (
    SELECT due.id, endpoint.url, endpoint.encrypted_secret
    FROM open_endpoint AS endpoint
    CROSS JOIN LATERAL (
        SELECT delivery.id FROM webhooks_delivery AS delivery
        WHERE delivery.endpoint_id = endpoint.id
          AND delivery.due_at <= now()
          AND (delivery.claimed_until IS NULL OR delivery.claimed_until <= now())
          AND (delivery.status <> 'pending' OR NOT EXISTS (
              SELECT FROM webhooks_delivery AS earlier
              WHERE earlier.status = 'pending'
                AND earlier.endpoint_id = delivery.endpoint_id
                AND earlier.subject_id = delivery.subject_id
                AND (earlier.sequence, earlier.event_id)
                    < (delivery.sequence, delivery.event_id)))
        ORDER BY delivery.due_at, delivery.id
        LIMIT endpoint.room
        FOR UPDATE OF delivery SKIP LOCKED
    ) AS due
    LIMIT %(limit)s
)
UPDATE webhooks_delivery AS delivery
SET claim = %(claim)s, claimed_until = now() + %(lease)s * interval '1 second'
FROM picked, webhooks_event AS event
WHERE delivery.id = picked.id AND event.id = delivery.event_id
RETURNING delivery.id, delivery.endpoint_id, delivery.event_id, delivery.attempts,
          picked.url, picked.encrypted_secret, event.body
"""


def claim_due(
    cursor: Cursor[Any],
    *,
    claim: int,
    lease_seconds: float,
    rooms: Mapping[UUID, int],
    limit: int,
) -> list[Claimed]:
    """Take due deliveries until the lease ends; ``claim`` is the fence token.

    ``rooms`` says how many more to take for endpoints that are known already.
    """
    cursor.execute(
        _CLAIM,
        {
            "claim": claim,
            "lease": lease_seconds,
            "endpoints": list(rooms.keys()),
            "rooms": list(rooms.values()),
            "default_room": FIRST_CONNECTIONS,
            "limit": limit,
        },
        prepare=True,
        binary=True,
    )
    return [Claimed._make(row) for row in cursor.fetchall()]


# The claim is compared, so that a worker that came back after its lease ended changes
# nothing: another one may hold the row.
_RECORD = """
WITH recorded AS (
    UPDATE webhooks_delivery AS delivery
    SET status = result.status,
        attempts = delivery.attempts + 1,
        due_at = clock_timestamp() + result.wait_seconds * interval '1 second',
        claim = NULL,
        claimed_until = NULL,
        status_code = result.status_code,
        duration_ms = result.duration_ms,
        error = result.error,
        attempted_at = to_timestamp(result.started_at),
        delivered_at = CASE WHEN result.status = 'delivered'
            THEN clock_timestamp() ELSE delivery.delivered_at END
    FROM unnest(%b::uuid[], %b::bigint[], %b::uuid[], %b::text[], %b::float8[],
                %b::int[], %b::int[], %b::text[], %b::text[], %b::float8[])
      AS result (delivery_id, claim, attempt_id, status, wait_seconds, status_code,
                 duration_ms, error, excerpt, started_at)
    WHERE delivery.id = result.delivery_id AND delivery.claim = result.claim
    RETURNING delivery.organization_id, delivery.attempts, result.*
)
INSERT INTO webhooks_attempt (id, organization_id, delivery_id, number, attempted_at,
                              status_code, duration_ms, error, excerpt)
SELECT attempt_id, organization_id, delivery_id, attempts, to_timestamp(started_at),
       status_code, duration_ms, error, excerpt
FROM recorded
"""


def record_results(cursor: Cursor[Any], results: Sequence[Result]) -> int:
    """Write what came of the attempts; return how many were still ours to write."""
    cursor.execute(
        _RECORD,
        (
            [result.delivery_id for result in results],
            [result.claim for result in results],
            [result.attempt_id for result in results],
            [result.status for result in results],
            [result.wait_seconds for result in results],
            [result.status_code for result in results],
            [result.duration_ms for result in results],
            [result.error for result in results],
            [result.excerpt for result in results],
            [result.started_at for result in results],
        ),
        prepare=True,
        binary=True,
    )
    return cursor.rowcount


def release(cursor: Cursor[Any], claims: Mapping[UUID, int]) -> None:
    """Give back deliveries that were claimed and not sent."""
    cursor.execute(
        "UPDATE webhooks_delivery AS delivery SET claim = NULL, claimed_until = NULL "
        "FROM unnest(%s::uuid[], %s::bigint[]) AS held (id, claim) "
        "WHERE delivery.id = held.id AND delivery.claim = held.claim",
        (list(claims.keys()), list(claims.values())),
    )
