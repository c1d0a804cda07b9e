"""When each part of the installation was last seen; kept in the cache."""

from enum import StrEnum

from django.core.cache import caches
from django.utils import timezone

BEAT_TASK = "integrations.monitoring.tasks.record_beat"
# Beat sends its task every 5 s, a worker's heart beats every 2 s.
STALE_AFTER_SECONDS = 30.0


class Part(StrEnum):
    """A process that says that it lives."""

    WORKER = "worker"
    BEAT = "beat"
    QUEUE = "queue"  # the way from beat through the broker to a worker that is free


def record(part: Part) -> None:
    """Note that ``part`` was seen now."""
    caches["store"].set(
        _key(part), timezone.now().timestamp(), timeout=STALE_AFTER_SECONDS
    )


def seconds_since(part: Part) -> float | None:
    """Return how long ago ``part`` was seen; None when it is too long ago."""
    seen_at: float | None = caches["store"].get(_key(part))
    if seen_at is None:
        return None
    return max(0.0, timezone.now().timestamp() - seen_at)


def forget_all() -> None:
    """Take no part for alive until it is seen again: everything starts anew."""
    caches["store"].delete_many([_key(part) for part in Part])


def _key(part: Part) -> str:
    return f"monitoring:seen:{part}"
