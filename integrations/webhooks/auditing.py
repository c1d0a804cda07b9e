"""What happens with endpoints and deliveries, told to the log of integration events.

Never an address as a whole: those of chat systems are secrets themselves.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models.signals import post_delete

from integrations.audit.events import (
    IntegrationKind,
    Told,
    log_integration_event,
    store,
)
from integrations.webhooks.models import Delivery, Endpoint

_FAILED = """
SELECT delivery.id, delivery.organization_id, delivery.endpoint_id, delivery.event_id,
       delivery.attempts, delivery.status_code
FROM webhooks_delivery AS delivery
WHERE delivery.id = ANY(%s) AND delivery.status = 'failed'
"""


def connect() -> None:
    """Tell of endpoints that are removed, in whatever way."""
    post_delete.connect(
        _tell_removed, sender=Endpoint, dispatch_uid="webhooks-endpoint-removed"
    )


def tell(kind: IntegrationKind, endpoint: Endpoint, **details: object) -> None:
    """Tell of an endpoint: its name, its host, and what else is given."""
    log_integration_event(
        kind,
        organization_id=endpoint.organization_id,
        subject=f"webhook_endpoint:{endpoint.pk}",
        details={"name": endpoint.name, "host": host_of(endpoint.url)} | details,
    )


def host_of(url: str) -> str:
    """Return the host of an address, or nothing where there is none."""
    return urlsplit(url).hostname or ""


def tell_changed(endpoint: Endpoint, changes: Sequence[str]) -> None:
    """Tell of an endpoint that is about to be saved with these changes."""
    if "is_enabled" in changes:
        tell(
            IntegrationKind.ENDPOINT_SWITCHED_ON
            if endpoint.is_enabled
            else IntegrationKind.ENDPOINT_SWITCHED_OFF,
            endpoint,
        )
    if others := [name for name in changes if name != "is_enabled"]:
        tell(IntegrationKind.ENDPOINT_CHANGED, endpoint, fields=others)


def tell_replayed(delivery: Delivery) -> None:
    """Tell that somebody had a delivery sent again."""
    tell(
        IntegrationKind.DELIVERY_REPLAYED,
        delivery.endpoint,
        delivery=str(delivery.pk),
        event=str(delivery.event_id),
    )


def tell_failed(cursor: Any, delivery_ids: Sequence[UUID]) -> None:
    """Tell of deliveries that were given up, in the drainer's own transaction."""
    cursor.execute(_FAILED, [list(delivery_ids)])
    store(
        cursor,
        [
            Told(
                kind=IntegrationKind.DELIVERY_FAILED,
                organization_id=organization_id,
                subject=f"webhook_endpoint:{endpoint_id}",
                reason=f"status_{status_code}" if status_code else "no_answer",
                details={
                    "delivery": str(delivery_id),
                    "event": str(event_id),
                    "attempts": attempts,
                },
            )
            for (
                delivery_id,
                organization_id,
                endpoint_id,
                event_id,
                attempts,
                status_code,
            ) in cursor.fetchall()
        ],
    )


def _tell_removed(sender: type, instance: Endpoint, **signal: Any) -> None:
    tell(IntegrationKind.ENDPOINT_REMOVED, instance)
