"""Counts in the memory of one process.

For ``RATE_LIMIT_STORE=memory``, where every process counts by itself (limits times
processes), and in place of a Valkey that does not answer.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

from integrations.rate_limits import algorithms
from integrations.rate_limits.algorithms import Count
from integrations.rate_limits.terms import Layer, Verdict

SHARDS = 64
KEYS_MOST = 200_000

Key = tuple[str, str, int, str]


def monotonic_ms() -> int:
    """Return a clock that nobody can set, in ms."""
    return time.monotonic_ns() // 1_000_000


class Shard:
    """Part of the counts under a lock of their own; the least used go first."""

    __slots__ = ("counts", "lock", "most")

    def __init__(self, most: int) -> None:
        self.lock = Lock()
        self.counts: OrderedDict[Key, Count] = OrderedDict()
        self.most = most

    def keep(self, key: Key, count: Count, now: int) -> None:
        """Remember a count, and forget what is over or too much."""
        counts = self.counts
        counts[key] = count
        counts.move_to_end(key)
        oldest = next(iter(counts))
        if len(counts) > self.most or counts[oldest].expires_at <= now:
            del counts[oldest]


class MemoryStore:
    """The same decisions as Valkey's, for one process."""

    def __init__(
        self, clock: Callable[[], int] = monotonic_ms, most: int = KEYS_MOST
    ) -> None:
        self._clock = clock
        self._shards = tuple(Shard(max(1, most // SHARDS)) for _ in range(SHARDS))

    def take(self, layers: Sequence[Layer], *, counts: bool = True) -> Verdict:
        """Decide in all layers at once; with ``counts=False``, look only."""
        keys = [_key_of(layer) for layer in layers]
        numbers = [hash(key) % SHARDS for key in keys]
        # In one order by everybody, so that nobody waits for somebody who waits.
        locks = [self._shards[number].lock for number in sorted(set(numbers))]
        for lock in locks:
            lock.acquire()
        try:
            shards = [self._shards[number] for number in numbers]
            return self._decide(layers, keys, shards, counts=counts)
        finally:
            for lock in locks:
                lock.release()

    def _decide(
        self,
        layers: Sequence[Layer],
        keys: Sequence[Key],
        shards: Sequence[Shard],
        *,
        counts: bool,
    ) -> Verdict:
        now = self._clock()
        found = [
            algorithms.as_of(layer.policy, shard.counts.get(key), now)
            for layer, key, shard in zip(layers, keys, shards, strict=True)
        ]
        waits = [
            algorithms.wait_ms(layer.policy, count, now)
            for layer, count in zip(layers, found, strict=True)
        ]
        if counts and not any(waits):
            for number, layer in enumerate(layers):
                if layer.is_counted:
                    found[number] = found[number].counted(layer.policy, now)
                    shards[number].keep(keys[number], found[number], now)
        return Verdict(
            is_allowed=not any(waits),
            states=tuple(
                algorithms.state_of(layer.policy, count, now)
                for layer, count in zip(layers, found, strict=True)
            ),
            violated=tuple(
                layer.policy.name
                for layer, wait in zip(layers, waits, strict=True)
                if wait
            ),
            retry_after_seconds=-(-max(waits, default=0) // 1000),
        )

    def clear(self) -> None:
        """Forget everything."""
        for shard in self._shards:
            with shard.lock:
                shard.counts.clear()

    def __len__(self) -> int:
        return sum(len(shard.counts) for shard in self._shards)


def _key_of(layer: Layer) -> Key:
    policy = layer.policy
    return policy.name, policy.algorithm.value, policy.window_seconds, layer.subject
