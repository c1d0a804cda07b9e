"""Whether this installation can do its work, part by part."""

from collections.abc import Callable
from dataclasses import dataclass

import redis
from django.core.cache import caches
from django.db import DatabaseError, connection

from integrations.monitoring import heartbeats


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One part: whether it works and, in words without secrets, why not."""

    name: str
    is_ok: bool
    reason: str = ""


#: Checks of apps that stand above this one; each adds its own when it is ready.
_further: list[Callable[[], PartHealth]] = []


def add_check(check: Callable[[], PartHealth]) -> None:
    """Let one more part be asked."""
    _further.append(check)


def check_parts() -> list[PartHealth]:
    """Check database and cache, and when the other processes were last seen."""
    cache_health = check_cache()
    return [
        check_database(),
        cache_health,
        *_check_processes(cache_health),
        *(check() for check in _further),
    ]


def check_database() -> PartHealth:
    """Ask the database for an answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return PartHealth("database", is_ok=False, reason="does not answer")
    return PartHealth("database", is_ok=True)


def check_cache() -> PartHealth:
    """Ask the cache for an answer."""
    try:
        caches["store"].get("monitoring:probe")
    except redis.RedisError:
        return PartHealth("cache", is_ok=False, reason="does not answer")
    return PartHealth("cache", is_ok=True)


def _check_processes(cache_health: PartHealth) -> list[PartHealth]:
    if not cache_health.is_ok:
        reason = "unknown while the cache does not answer"
        return [
            PartHealth(part, is_ok=False, reason=reason) for part in heartbeats.Part
        ]
    return [_check_process(part) for part in heartbeats.Part]


def _check_process(part: heartbeats.Part) -> PartHealth:
    is_seen = heartbeats.seconds_since(part) is not None
    limit = f"{heartbeats.STALE_AFTER_SECONDS:.0f} seconds"
    reason = "" if is_seen else f"not seen for {limit}"
    return PartHealth(part, is_ok=is_seen, reason=reason)
