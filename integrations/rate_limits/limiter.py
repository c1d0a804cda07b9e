"""Whether a request may go on: one decision over all its layers, in one round trip.

A request that is refused counts in no layer. The store's clock decides. A store that
does not answer in time is left alone for a moment, and every process counts by itself,
with its share of each quota (:mod:`integrations.rate_limits.degradation`).
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, transaction

from integrations.rate_limits.degradation import Breaker
from integrations.rate_limits.stores.link import StoreUnreachable
from integrations.rate_limits.stores.memory import MemoryStore
from integrations.rate_limits.stores.valkey import ValkeyStore
from integrations.rate_limits.terms import (
    Algorithm,
    Layer,
    LayerState,
    Policy,
    Stamp,
    Verdict,
)
from organizations.security import SecurityKind, tell

logger = logging.getLogger(__name__)

__all__ = [
    "Algorithm",
    "Layer",
    "LayerState",
    "Limiter",
    "Policy",
    "Stamp",
    "Verdict",
    "announce_rules",
    "drop_stamp",
    "limiter",
    "peek",
    "put_stamp",
    "take",
]


class Heard(NamedTuple):
    """The version of the rules that the store has told, and when (monotonic)."""

    rules: str
    at: float


class Limiter:
    """A store for all processes, and a memory for when it does not answer.

    Without a store, the memory is all there is, and quotas are each process's own.
    """

    def __init__(self, store: ValkeyStore | None, processes: int) -> None:
        self.store = store
        self.memory = MemoryStore()
        self.breaker = Breaker(self._probe, self._tell)
        self.heard: Heard | None = None
        #: How many decisions were made without the store, since the process started.
        self.degraded_decisions = 0
        self._processes = processes

    def take(
        self,
        layers: Sequence[Layer],
        *,
        stamp: Stamp | None = None,
        counts: bool = True,
    ) -> Verdict:
        """Decide in all layers; with ``counts=False``, look only.

        Without the store no stamp is good, and then nothing is counted.
        """
        counts_alone = counts and stamp is None
        if self.store is None:
            return self.memory.take(layers, counts=counts_alone)
        if not self.breaker.is_open():
            try:
                verdict = self.store.take(layers, stamp=stamp, counts=counts)
            except StoreUnreachable as error:
                self._give_up(error)
            else:
                self.heard = Heard(verdict.rules, time.monotonic())
                return verdict
        return self.take_alone(layers, counts=counts_alone)

    def peek_store(self) -> Verdict:
        """Ask about nothing, to see who answers."""
        return self.take((), counts=False)

    def take_alone(self, layers: Sequence[Layer], *, counts: bool = True) -> Verdict:
        """Decide without the store, by this process's share of each quota."""
        self.heard = None
        self.degraded_decisions += 1
        shares = [_share(layer, self._processes) for layer in layers]
        return self.memory.take(shares, counts=counts)._replace(is_degraded=True)

    def put_stamp(self, stamp: Stamp, epoch: str) -> bool:
        """Store a stamp; False where the store does not have it now."""
        if self.store is None or not epoch or self.breaker.is_open():
            return False
        try:
            return self.store.put_stamp(stamp, epoch)
        except StoreUnreachable as error:
            self._give_up(error)
            return False

    def drop_stamp(self, name: str) -> bool:
        """Delete a stamp; True only if the store says that it is gone.

        A store that was given up is asked all the same: others may still hear it.
        """
        if self.store is None:
            return False
        try:
            return self.store.drop_stamp(name)
        except StoreUnreachable as error:
            self._give_up(error)
            return False

    def announce_rules(self) -> None:
        """Tell everybody that the rules have changed, if the store can."""
        self.heard = None
        if self.store is None:
            return
        try:
            self.store.announce_rules()
        except StoreUnreachable as error:
            self._give_up(error)

    def _probe(self) -> None:
        assert self.store is not None
        self.store.probe()

    def _give_up(self, error: StoreUnreachable) -> None:
        logger.debug("The store of the limits failed: %s", error)
        self.breaker.trip()

    def _tell(self, is_degraded: bool) -> None:
        """Raise the alarm, or call it off."""
        if is_degraded:
            logger.error("The store of the limits does not answer: each process counts")
        else:
            logger.warning("The store of the limits is back")
        try:
            with transaction.atomic():
                tell(
                    SecurityKind.SYSTEM_DEGRADED,
                    subject="rate_limits",
                    reason="store_down" if is_degraded else "store_back",
                )
        except DatabaseError:  # where the event is kept; the request has its own say
            logger.exception("The alarm about the store of the limits was not kept")


@lru_cache(maxsize=10_000)
def _shared(policy: Policy, processes: int) -> Policy:
    return replace(
        policy,
        quota=max(1, policy.quota // processes),
        burst=policy.burst and max(1, policy.burst // processes),
    )


def _share(layer: Layer, processes: int) -> Layer:
    return layer._replace(policy=_shared(layer.policy, processes))


@cache
def limiter() -> Limiter:
    """Return this process's limiter, as the settings want it."""
    store = None
    if settings.RATE_LIMIT_STORE == "valkey":
        store = ValkeyStore(settings.REDIS_URL, settings.RATE_LIMIT_TIMEOUT_SECONDS)
    return Limiter(store, settings.WEB_CONCURRENCY)


def take(layers: Sequence[Layer], *, stamp: Stamp | None = None) -> Verdict:
    """Count a request in all layers, or in none where one refuses.

    Where a stamp is named and the store holds another or none, nothing is counted and
    ``is_stamp_good`` is false.
    """
    return limiter().take(layers, stamp=stamp)


def peek(layers: Sequence[Layer]) -> Verdict:
    """Return what :func:`take` would say, and count nothing."""
    return limiter().take(layers, counts=False)


def put_stamp(stamp: Stamp, epoch: str) -> bool:
    """Store a stamp if the epoch is still ``epoch`` and nobody dropped it just now."""
    return limiter().put_stamp(stamp, epoch)


def drop_stamp(name: str) -> bool:
    """Delete a stamp and refuse new ones for 2 s; True only if the store said so."""
    return limiter().drop_stamp(name)


def announce_rules() -> None:
    """Let every process read the rules again before its next request."""
    limiter().announce_rules()
