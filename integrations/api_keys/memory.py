"""What a process remembers of keys: which very texts were right, and for which rows.

Never whether a key is good: that is read. Keys themselves are not kept, only an HMAC.
"""

import random
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from integrations.api_keys.stamps import clock

#: How long a verified text is remembered, in seconds; then bcrypt runs once more.
REMEMBERED_SECONDS = 3600.0
#: By which share of it each is forgotten earlier, so that not all are at once.
JITTER = 0.1
MOST = 100_000

Opened = TypeVar("Opened")


@dataclass(frozen=True, slots=True)
class Known(Generic[Opened]):
    """A text that matched a row of this generation; what it opened when last read."""

    row_id: UUID
    generation: int
    until: float
    key: Opened | None


class Memory(Generic[Opened]):
    """The texts used last, at most ``most`` of them; safe to use from threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[bytes, Known[Opened]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, mark: bytes) -> Known[Opened] | None:
        """Return what is known of a text; nothing once it is to be forgotten."""
        with self._lock:
            known = self._known.get(mark)
            if known is None:
                return None
            if known.until <= clock():
                del self._known[mark]
                return None
            self._known.move_to_end(mark)
            return known

    def knows(self, mark: bytes, row_id: UUID, generation: int) -> bool:
        """Say whether a text matched this row in this generation."""
        known = self.get(mark)
        return known is not None and (known.row_id, known.generation) == (
            row_id,
            generation,
        )

    def put(
        self, mark: bytes, row_id: UUID, generation: int, key: Opened | None
    ) -> None:
        """Remember a text that matched; how long does not change by being read."""
        with self._lock:
            before = self._known.get(mark)
            is_same = before is not None and (before.row_id, before.generation) == (
                row_id,
                generation,
            )
            until = before.until if before and is_same else _until()
            self._known[mark] = Known(row_id, generation, until, key)
            self._known.move_to_end(mark)
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._known.clear()

    def __len__(self) -> int:
        return len(self._known)


def _until() -> float:
    share = 1 - JITTER * random.random()  # noqa: S311 (spreads load, hides nothing)
    return clock() + REMEMBERED_SECONDS * share
