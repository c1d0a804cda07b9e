"""Caches that a request can do without, and nobody waits long for.

One for sessions, which the database keeps as well: what fails is a miss. One for what
must be counted whatever happens, such as wrong passwords: meanwhile each process counts
by itself. A cache that did not answer is left alone for a moment, so that a request
waits for it once at most.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

#: How long a cache that failed is left alone, in seconds.
PAUSE_SECONDS = 0.5
#: How long anything is kept at most, in seconds. A session that ended while the cache
#: could not be told is remembered by it no longer than this.
KEPT_SECONDS = 60

Found = TypeVar("Found")


class _RestingCache(RedisCache):
    """Redis or Valkey, left alone for a moment after an error."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._rests_until = 0.0

    def _asked(self, ask: Callable[[], Found], otherwise: Callable[[], Found]) -> Found:
        if time.monotonic() < self._rests_until:
            return otherwise()
        try:
            return ask()
        except redis.RedisError:
            self._rests_until = time.monotonic() + PAUSE_SECONDS
            return otherwise()


class ForgetfulCache(_RestingCache):
    """Redis or Valkey, where an error is a miss."""

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
        return self._asked(ask, lambda: otherwise)


class OwnMemoryMeanwhile(_RestingCache):
    """Redis or Valkey; while it does not answer, the memory of this process."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache("meanwhile", {})

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return what is kept, or the default."""
        return self._asked(
            lambda: super(OwnMemoryMeanwhile, self).get(key, default, version),
            lambda: self._memory.get(key, default, version),
        )

    def set(
        self,
        key: Any,
        value: Any,
        timeout: Any = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        """Keep something."""
        self._asked(
            lambda: super(OwnMemoryMeanwhile, self).set(key, value, timeout, version),
            lambda: self._memory.set(key, value, timeout, version),
        )

    def add(
        self,
        key: Any,
        value: Any,
        timeout: Any = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Keep what was not kept; say whether it was not."""
        return self._asked(
            lambda: super(OwnMemoryMeanwhile, self).add(key, value, timeout, version),
            lambda: self._memory.add(key, value, timeout, version),
        )

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget something; say whether it was kept."""
        return self._asked(
            lambda: super(OwnMemoryMeanwhile, self).delete(key, version),
            lambda: self._memory.delete(key, version),
        )

    def clear(self) -> None:
        """Forget everything, here and there."""
        self._memory.clear()
        super().clear()


def _bounded(timeout: Any) -> Any:
    if timeout is None or timeout is DEFAULT_TIMEOUT:
        return KEPT_SECONDS
    return min(timeout, KEPT_SECONDS)
