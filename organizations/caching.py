"""A cache that a request can do without, and does not wait long for.

It counts what must be counted whatever happens, such as wrong passwords: while Redis or
Valkey is away, each process counts by itself. A cache that did not answer is left alone
for a moment, so that a request waits for it once at most.
"""

import time
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

#: How long a cache that failed is left alone, in seconds.
PAUSE_SECONDS = 0.5


class OwnMemoryMeanwhile(RedisCache):
    """Redis or Valkey; for a moment after an error, the memory of this process."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._meanwhile = LocMemCache("meanwhile", {})
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
