"""From an answer to what is written about it."""

import random

from uuid_utils.compat import uuid7

from integrations.webhooks.lanes import Held
from integrations.webhooks.models import Delivery
from integrations.webhooks.queue import Result
from integrations.webhooks.retry import is_success, next_wait

DELIVERED = Delivery.Status.DELIVERED.value
RETRYING = Delivery.Status.RETRYING.value
FAILED = Delivery.Status.FAILED.value


def result_of(
    held: Held,
    *,
    started_at: float,
    status_code: int,
    error: str,
    duration_ms: int = 0,
    excerpt: bytes = b"",
) -> Result:
    """Return what to write about an attempt that began at ``started_at``.

    ``status_code`` is 0 when no answer came.
    """
    delivery = held.claimed
    status, wait_seconds = _verdict(status_code, delivery.attempts + 1)
    return Result(
        delivery_id=delivery.id,
        claim=held.claim,
        attempt_id=uuid7(),
        status=status,
        wait_seconds=wait_seconds,
        status_code=status_code or None,
        duration_ms=duration_ms,
        error=error.encode(errors="replace").decode(),
        # PostgreSQL's text holds no NUL.
        excerpt=excerpt.decode(errors="replace").replace("\0", "\ufffd"),
        started_at=started_at,
    )


def _verdict(status_code: int, attempts: int) -> tuple[str, float | None]:
    """Return the status after an attempt, and the seconds until the next one."""
    if is_success(status_code):
        return DELIVERED, None
    wait = next_wait(attempts, jitter=random.uniform(-1, 1))  # noqa: S311
    if wait is None:
        return FAILED, None
    return RETRYING, wait.total_seconds()
