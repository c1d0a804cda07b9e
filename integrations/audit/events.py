"""Security and integration events, on their way into the log.

A row is written in the transaction of what it tells of, and joins no chain there:
writers do not wait for each other. :mod:`integrations.audit.sealing` chains them soon.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.utils import timezone
from uuid_utils.compat import uuid7

from organizations.access import current_access
from organizations.security import SecurityEvent, security_event_occurred
from organizations.tracing import current_request_id

_STORE = """
WITH event AS (
    INSERT INTO audit_event (
        id, log, occurred_at, organization_id, kind, actor_type, actor_id, subject,
        reason, address, request_id, details)
    SELECT * FROM json_to_recordset(%s) AS event (
        id uuid, log text, occurred_at timestamptz, organization_id uuid, kind text,
        actor_type text, actor_id text, subject text, reason text, address text,
        request_id text, details jsonb)
    RETURNING id
)
INSERT INTO audit_unsealed (event_id) SELECT id FROM event
"""
#: The widths of the columns; longer text is cut.
_WIDTHS = {
    "kind": 60,
    "actor_type": 20,
    "actor_id": 100,
    "subject": 200,
    "reason": 100,
    "address": 45,
    "request_id": 64,
}
_RECEIVER = "audit-security-log"


class IntegrationKind(StrEnum):
    """What happens between this installation and other systems."""

    ENDPOINT_ADDED = "endpoint.added"
    ENDPOINT_CHANGED = "endpoint.changed"
    ENDPOINT_SWITCHED_ON = "endpoint.switched_on"
    ENDPOINT_SWITCHED_OFF = "endpoint.switched_off"
    ENDPOINT_REMOVED = "endpoint.removed"
    ENDPOINT_TESTED = "endpoint.tested"
    SECRET_SHOWN = "endpoint.secret_shown"  # noqa: S105
    DELIVERY_FAILED = "delivery.failed"
    DELIVERY_REPLAYED = "delivery.replayed"
    KEY_CREATED = "api_key.created"
    KEY_CHANGED = "api_key.changed"
    KEY_ROTATED = "api_key.rotated"
    KEY_REVOKED = "api_key.revoked"
    KEY_REMOVED = "api_key.removed"
    APP_ADDED = "oauth_app.added"
    APP_CHANGED = "oauth_app.changed"
    APP_REMOVED = "oauth_app.removed"
    APP_AUTHORISED = "oauth_app.authorised"
    APP_WITHDRAWN = "oauth_app.withdrawn"


@dataclass(frozen=True, slots=True)
class Told:
    """An integration event: its fields are those of a security event."""

    kind: IntegrationKind
    organization_id: UUID | None
    actor_type: str = "system"
    actor_id: str | None = None
    subject: str = ""
    reason: str = ""
    address: str = ""
    request_id: str = ""
    occurred_at: datetime = field(default_factory=timezone.now)
    details: Mapping[str, object] = field(default_factory=dict)


def connect() -> None:
    """Keep every security event that is told."""
    security_event_occurred.connect(_store_received, dispatch_uid=_RECEIVER)


def _store_received(sender: type, event: SecurityEvent, **signal: Any) -> None:
    with connection.cursor() as cursor:
        store(cursor, [event])


def log_integration_event(
    kind: IntegrationKind,
    *,
    organization_id: UUID | None,
    subject: str = "",
    reason: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Write down what happened with another system, in the running transaction.

    Who acts is filled in. ``subject`` names what it is about, as
    ``webhook_endpoint:<id>``. Never put a secret, or a body, into ``details``.
    """
    access = current_access()
    told = Told(
        kind=kind,
        organization_id=organization_id,
        actor_type=access.actor_type if access else "system",
        actor_id=access.actor_id if access else None,
        subject=subject,
        reason=reason,
        request_id=current_request_id(),
        details=dict(details or {}),
    )
    with connection.cursor() as cursor:
        store(cursor, [told])


def store(cursor: Any, events: Iterable[SecurityEvent | Told]) -> None:
    """Insert events, in the transaction of the cursor; they wait to be sealed."""
    rows = [_as_row(event) for event in events]
    if rows:
        cursor.execute(_STORE, [orjson.dumps(rows).decode()])


def _as_row(event: SecurityEvent | Told) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": uuid7(),
        "log": "security" if isinstance(event, SecurityEvent) else "integration",
        "occurred_at": event.occurred_at,
        "organization_id": event.organization_id,
        "details": storable(event.details),
    }
    for name, width in _WIDTHS.items():
        value = getattr(event, name)
        row[name] = None if value is None else storable(str(value))[:width]
    return row


def storable(value: Any) -> Any:
    """Return a value as PostgreSQL's JSON takes it: no NUL, no half of a pair."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {storable(str(name)): storable(held) for name, held in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [storable(held) for held in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return storable(str(value))
