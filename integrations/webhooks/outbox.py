"""Store what happened, and who is to be told, in the transaction of the change.

One statement for a batch of any size: it inserts the events, finds the endpoints that
ask for them, inserts their deliveries and, if there are any, notifies the drainer that
listens. It is all undone with the transaction. After the commit a worker is woken, in
case that none listens.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection, transaction

from integrations.webhooks.queue import CHANNEL
from integrations.webhooks.wake import wake_drainer
from organizations.events import EventType, Occurrence, event_occurred

# A delivery's id is a UUIDv7 of its event's moment: time and version are the event's,
# the 62 random bits are its own. (PostgreSQL makes UUIDv7 only from version 18 on.)
_STORE = """
WITH event AS (
    INSERT INTO webhooks_event (
        id, organization_id, type, occurred_at, sequence, subject_type, subject_id,
        actor_type, actor_id, body)
    SELECT * FROM json_to_recordset(%(occurrences)s) AS occurrence (
        id uuid, organization_id uuid, type text, occurred_at timestamptz,
        sequence bigint, subject_type text, subject_id uuid, actor_type text,
        actor_id text, body text)
    RETURNING id, organization_id, type, subject_id, sequence
),
delivery AS (
    INSERT INTO webhooks_delivery (
        id, organization_id, event_id, endpoint_id, subject_id, sequence, status,
        attempts, due_at, error)
    SELECT (left(event.id::text, 19) || substr(gen_random_uuid()::text, 20))::uuid,
           event.organization_id, event.id, endpoint.id, event.subject_id,
           event.sequence, 'pending', 0, now(), ''
    FROM event JOIN webhooks_endpoint AS endpoint
      ON endpoint.organization_id = event.organization_id AND {matches}
    RETURNING 1
),
made AS (SELECT count(*) AS deliveries FROM delivery)
SELECT deliveries,
       CASE WHEN deliveries > 0 THEN pg_notify('{channel}', '')::text END
FROM made
"""
_STORE_FOR_ALL = _STORE.format(
    channel=CHANNEL,
    matches=(
        "endpoint.is_enabled AND (endpoint.events @> ARRAY[event.type]::varchar[] "
        "OR (event.type <> ALL (%(opt_in)s::text[]) AND endpoint.events && "
        "ARRAY[split_part(event.type, '.', 1) || '.*', '*']::varchar[]))"
    ),
)
_STORE_FOR_ONE = _STORE.format(channel=CHANNEL, matches="endpoint.id = %(endpoint)s")

_RECEIVER = "webhooks-outbox"


def connect() -> None:
    """Listen to what the apps tell."""
    event_occurred.connect(_store_received, dispatch_uid=_RECEIVER)


def disconnect() -> None:
    """Stop listening: what happens from now on is told to nobody."""
    event_occurred.disconnect(dispatch_uid=_RECEIVER)


def _store_received(
    sender: type, occurrences: Sequence[Occurrence], **signal: Any
) -> None:
    store(occurrences)


def store(occurrences: Sequence[Occurrence]) -> int:
    """Store events for every endpoint that asks for them; return the deliveries."""
    opt_in = [declared.name for declared in EventType.all() if declared.is_opt_in]
    return _execute(_STORE_FOR_ALL, occurrences, {"opt_in": opt_in})


def store_for(endpoint_id: object, occurrence: Occurrence) -> int:
    """Store an event for one endpoint, whatever it asks for; return the deliveries."""
    return _execute(_STORE_FOR_ONE, [occurrence], {"endpoint": endpoint_id})


def _execute(
    statement: str, occurrences: Sequence[Occurrence], parameters: dict[str, Any]
) -> int:
    # One JSON text: the driver takes five times as long to write arrays.
    rows = [_as_row(occurrence) for occurrence in occurrences]
    parameters["occurrences"] = orjson.dumps(rows).decode()
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        deliveries: int = cursor.fetchone()[0]
    if deliveries:
        transaction.on_commit(wake_drainer)
    return deliveries


def _as_row(occurrence: Occurrence) -> dict[str, Any]:
    return {
        "id": occurrence.id,
        "organization_id": occurrence.organization_id,
        "type": occurrence.type,
        "occurred_at": occurrence.occurred_at,
        "sequence": occurrence.sequence,
        "subject_type": occurrence.subject_type,
        "subject_id": occurrence.subject_id,
        "actor_type": occurrence.actor_type,
        "actor_id": occurrence.actor_id,
        "body": encode(occurrence),
    }


def encode(occurrence: Occurrence) -> str:
    """Return the JSON text that is signed and sent, the same on every attempt."""
    return orjson.dumps(occurrence.payload(), option=orjson.OPT_UTC_Z).decode()
