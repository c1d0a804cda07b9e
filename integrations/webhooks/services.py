"""What people do with endpoints and deliveries."""

from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from uuid_utils.compat import uuid7

from integrations.audit.events import IntegrationKind
from integrations.webhooks import auditing, outbox
from integrations.webhooks.models import Delivery, Endpoint, Event
from integrations.webhooks.signing import generate_secret
from integrations.webhooks.wake import wake_drainer
from organizations.access import current_access
from organizations.encryption import encrypt
from organizations.events import EventType, Occurrence
from organizations.models import Organization

WEBHOOK_TESTED = EventType(
    "webhook_endpoint.tested",
    gettext_lazy("Someone asked for a test event; only that endpoint gets it."),
)


class CreatedEndpoint(NamedTuple):
    """A new endpoint, and its signing secret, which is shown this once."""

    endpoint: Endpoint
    secret: str


def create_endpoint(
    organization: Organization,
    *,
    name: str,
    url: str,
    events: list[str],
    description: str = "",
    is_enabled: bool = True,
) -> CreatedEndpoint:
    """Add an endpoint with a new signing secret.

    Raises ValidationError for an address that nothing may be sent to and for events
    that do not exist.
    """
    secret = generate_secret()
    endpoint = Endpoint(
        organization=organization,
        name=name,
        url=url,
        events=events,
        description=description,
        is_enabled=is_enabled,
        encrypted_secret=encrypt(secret),
    )
    endpoint.full_clean()
    with transaction.atomic():
        endpoint.save()
        auditing.tell(IntegrationKind.ENDPOINT_ADDED, endpoint, events=events)
    return CreatedEndpoint(endpoint, secret)


def update_endpoint(endpoint: Endpoint, **changes: Any) -> Endpoint:
    """Change an endpoint; its secret stays. What waited while it was off is sent.

    Raises ValidationError as `create_endpoint` does, and StaleRecord when someone else
    was faster.
    """
    for field, value in changes.items():
        setattr(endpoint, field, value)
    endpoint.full_clean()
    with transaction.atomic():
        auditing.tell_changed(endpoint, endpoint.changed_fields())
        endpoint.save()
    if endpoint.is_enabled:
        transaction.on_commit(wake_drainer)
    return endpoint


def send_test_event(endpoint: Endpoint) -> Event:
    """Send one event that tells of nothing, so that a receiver can be tried out.

    Raises ValidationError while the endpoint is switched off.
    """
    _require_enabled(endpoint)
    access = current_access()
    occurrence = Occurrence(
        id=uuid7(),
        type=WEBHOOK_TESTED.name,
        occurred_at=timezone.now(),
        organization_id=endpoint.organization_id,
        sequence=0,  # nothing changed
        subject_type=endpoint.subject_type,
        subject_id=endpoint.pk,
        subject_url="",
        actor_type=access.actor_type if access else "system",
        actor_id=access.actor_id if access else None,
        changes=(),
        data={"id": endpoint.pk, "name": endpoint.name},
    )
    with transaction.atomic():
        outbox.store_for(endpoint.pk, occurrence)
        auditing.tell(IntegrationKind.ENDPOINT_TESTED, endpoint)
        return Event.objects.get(pk=occurrence.id)


@transaction.atomic
def send_again(delivery: Delivery) -> Delivery:
    """Send a delivery now, whatever became of it before.

    The receiver sees the same id and body, with a new timestamp. After the last
    attempt of the schedule it is one more attempt, and no further ones follow.

    Raises ValidationError while a worker is sending it, or while its endpoint is
    switched off. The row is locked, so that a worker's claim and this exclude each
    other.
    """
    locked = (
        Delivery.objects.select_for_update(of=["self"])
        .select_related("endpoint")
        .get(pk=delivery.pk)
    )
    _require_enabled(locked.endpoint)
    if locked.claimed_until is not None and locked.claimed_until > timezone.now():
        raise ValidationError(_("This is being sent right now."), code="in_flight")
    if locked.status != Delivery.Status.PENDING:
        locked.status = Delivery.Status.RETRYING
    locked.due_at = timezone.now()
    locked.save(update_fields=["status", "due_at"])
    auditing.tell_replayed(locked)
    transaction.on_commit(wake_drainer)
    return locked


def _require_enabled(endpoint: Endpoint) -> None:
    if not endpoint.is_enabled:
        raise ValidationError(
            _("The endpoint is switched off. Switch it on first."), code="disabled"
        )
