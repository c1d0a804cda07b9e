"""The event log: what happened, kept for a time."""

import datetime as dt

from django.db import connection
from django.utils import timezone

# Deleted a few at a time, so that no lock is held for long.
_BATCH = 5000

# Attempts and deliveries go first. An event with a delivery that still waits stays.
_PRUNE = """
WITH old AS (
    SELECT event.id FROM webhooks_event AS event
    WHERE event.id < %(before)s AND NOT EXISTS (
        SELECT FROM webhooks_delivery AS delivery
        WHERE delivery.event_id = event.id AND delivery.due_at IS NOT NULL)
    ORDER BY event.id LIMIT %(batch)s
    FOR UPDATE SKIP LOCKED
),
attempt AS (
    DELETE FROM webhooks_attempt USING webhooks_delivery AS delivery, old
    WHERE webhooks_attempt.delivery_id = delivery.id AND delivery.event_id = old.id
),
delivery AS (
    DELETE FROM webhooks_delivery USING old WHERE event_id = old.id
)
DELETE FROM webhooks_event USING old WHERE webhooks_event.id = old.id
"""


def prune_events(*, older_than: dt.timedelta) -> int:
    """Delete events that are older, with their deliveries; return how many."""
    before = _first_uuid_of(timezone.now() - older_than)
    deleted = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_PRUNE, {"before": before, "batch": _BATCH})
            if not cursor.rowcount:
                return deleted
            deleted += cursor.rowcount


def _first_uuid_of(moment: dt.datetime) -> str:
    """Return the smallest UUIDv7 of a moment: its milliseconds, then zeros."""
    milliseconds = int(moment.timestamp() * 1000)
    return f"{milliseconds:012x}".ljust(32, "0")
