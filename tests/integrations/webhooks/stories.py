"""What several tests of deliveries need: things that happen, and a drainer's run."""

from uuid import UUID

from django.utils import timezone
from uuid_utils.compat import uuid7

from integrations.webhooks import outbox
from integrations.webhooks.delivery import drain
from integrations.webhooks.models import Delivery, Endpoint
from organizations.encryption import decrypt
from organizations.events import Occurrence
from organizations.models import Organization


def occurrence(
    organization: Organization,
    *,
    subject_id: UUID | None = None,
    sequence: int = 1,
) -> Occurrence:
    subject_id = subject_id or uuid7()
    return Occurrence(
        id=uuid7(),
        type="employee.updated",
        occurred_at=timezone.now(),
        organization_id=organization.pk,
        sequence=sequence,
        subject_type="employee",
        subject_id=subject_id,
        subject_url=f"https://hr.example/api/v1/employees/{subject_id}/",
        actor_type="system",
        actor_id=None,
        changes=("department",),
        data={"id": subject_id, "first_name": "Ünal"},
    )


def happen(organization: Organization, count: int = 1) -> list[str]:
    """Let as many things happen; return the events' ids as integrators see them."""
    occurrences = [occurrence(organization) for _ in range(count)]
    outbox.store(occurrences)
    return [happened.public_id for happened in occurrences]


def send_what_is_due() -> bool:
    """Run a drainer that ends when nothing is due; return what `drain` returns."""
    return drain(call_for_help=bool, idle_seconds=0)


def make_due() -> None:
    """Let the waits of retries be over."""
    Delivery.objects.filter(due_at__isnull=False).update(due_at=timezone.now())


def secret_of(endpoint: Endpoint) -> str:
    return decrypt(endpoint.encrypted_secret)
