"""Caches that a request can do without, and nobody waits long for.

One for sessions, which the database keeps as well: what fails is a miss. One for what
must be counted whatever happens, such as wrong passwords: meanwhile each process counts
by itself. A cache that did not answer is left alone for a moment, so that a request
waits for it once at most.
"""

import time
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

#: How long a cache that failed is left alone, in seconds.
PAUSE_SECONDS = 0.5
#: How long anything is kept at most, in seconds. A session that ended while the cache
#: could not be told is remembered by it no longer than this.
KEPT_SECONDS = 60


class _RestingCache(RedisCache):
    """Redis or Valkey; for a moment after an error another cache takes its place."""

    def __init__(
        self, server: str, params: dict[str, Any], meanwhile: BaseCache
    ) -> None:
        super().__init__(server, params)
        self._meanwhile = meanwhile
        self._rests_until = 0.0

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return what is kept, or the default."""
        return self._asked("get", key, default, version)

    def set(
        self,
        key: Any,
        value: Any,
        timeout: Any = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        """Keep something."""
        self._asked("set", key, value, timeout, version)

    def add(
        self,
        key: Any,
        value: Any,
        timeout: Any = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Keep what was not kept; say whether it was not."""
        return bool(self._asked("add", key, value, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget something; say whether it was kept."""
        return bool(self._asked("delete", key, version))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        """Say whether something is kept."""
        return bool(self._asked("has_key", key, version))

    def clear(self) -> None:
        """Forget everything, here and there."""
        self._meanwhile.clear()
        super().clear()

    def _asked(self, name: str, *arguments: Any) -> Any:
        if time.monotonic() >= self._rests_until:
            try:
                return getattr(super(), name)(*arguments)
            except redis.RedisError:
                self._rests_until = time.monotonic() + PAUSE_SECONDS
        return getattr(self._meanwhile, name)(*arguments)


class ForgetfulCache(_RestingCache):
    """Redis or Valkey, where an error is a miss, and nothing is kept for long."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params, DummyCache("", {}))

    def set(
        self,
        key: Any,
        value: Any,
        timeout: Any = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        """Keep something for a minute at most."""
        super().set(key, value, _bounded(timeout), version)


class OwnMemoryMeanwhile(_RestingCache):
    """Redis or Valkey; while it does not answer, the memory of this process."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params, LocMemCache("meanwhile", {}))


def _bounded(timeout: Any) -> Any:
    if timeout is None or timeout is DEFAULT_TIMEOUT:
        return KEPT_SECONDS
    return min(timeout, KEPT_SECONDS)
