"""A cache that a request can do without: what fails is a miss, and nobody waits long.

For sessions, which the database keeps as well. A cache that did not answer is left
alone for a moment, so that a request waits for it once at most.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache

#: How long a cache that failed is left alone, in seconds.
PAUSE_SECONDS = 0.5
#: How long anything is kept at most, in seconds. A session that ended while the cache
#: could not be told is remembered by it no longer than this.
KEPT_SECONDS = 60

Found = TypeVar("Found")


class ForgetfulCache(RedisCache):
    """Redis or Valkey, where an error is a miss."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._rests_until = 0.0

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return what is kept, or the default."""
        return self._tried(
            lambda: super(ForgetfulCache, self).get(key, default), default
        )

    def set(
        self,
        key: Any,
        value: Any,
        timeout: Any = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        """Keep something for a minute at most."""
        self._tried(
            lambda: super(ForgetfulCache, self).set(key, value, _bounded(timeout)), None
        )

    def add(
        self,
        key: Any,
        value: Any,
        timeout: Any = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Keep what was not kept; True where nobody knows."""
        return self._tried(
            lambda: super(ForgetfulCache, self).add(key, value, timeout), True
        )

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget something; False where nobody knows."""
        return self._tried(lambda: super(ForgetfulCache, self).delete(key), False)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        """Say whether something is kept; False where nobody knows."""
        return self._tried(lambda: super(ForgetfulCache, self).has_key(key), False)

    def _tried(self, ask: Callable[[], Found], otherwise: Found) -> Found:
        if time.monotonic() < self._rests_until:
            return otherwise
        try:
            return ask()
        except redis.RedisError:
            self._rests_until = time.monotonic() + PAUSE_SECONDS
            return otherwise


def _bounded(timeout: Any) -> Any:
    if timeout is None or timeout is DEFAULT_TIMEOUT:
        return KEPT_SECONDS
    return min(timeout, KEPT_SECONDS)
