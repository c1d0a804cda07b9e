"""When the store is asked, and when it is left alone."""

import time
from collections.abc import Callable
from threading import Lock, Thread

from integrations.rate_limits.stores.link import StoreUnreachable

#: How long a store that did not answer is left alone before it is tried again.
PAUSE_SECONDS = 0.5


class Breaker:
    """Asks no store that is down: one thread tries it now and then, nobody waits.

    ``probe`` asks the store for an answer. ``on_change`` is told ``True`` when the
    store is given up and ``False`` when it is back, once each, by a thread that asks.
    """

    def __init__(
        self,
        probe: Callable[[], None],
        on_change: Callable[[bool], None],
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._probe = probe
        self._on_change = on_change
        self._pause = pause_seconds
        self._lock = Lock()
        self._is_open = False
        self._is_back = False
        self._prober: Thread | None = None
        self._probe_at = 0.0

    def is_open(self) -> bool:
        """Say whether the store is left alone; it may be tried again beside."""
        if not self._is_open:
            return False
        with self._lock:
            is_closing = self._is_open and self._is_back
            if is_closing:
                self._is_open = self._is_back = False
            elif self._is_open:
                self._probe_when_due()
        if is_closing:
            self._on_change(False)
        return self._is_open

    def trip(self) -> None:
        """Leave the store alone: it has just failed."""
        with self._lock:
            is_new = not self._is_open
            self._is_open, self._is_back = True, False
            self._probe_at = time.monotonic() + self._pause
        if is_new:
            self._on_change(True)

    def _probe_when_due(self) -> None:
        # A thread that a fork has left behind in the parent is not alive here.
        if self._prober is not None and self._prober.is_alive():
            return
        if time.monotonic() >= self._probe_at:
            self._prober = Thread(target=self._try_again, daemon=True)
            self._prober.start()

    def _try_again(self) -> None:
        try:
            self._probe()
        except StoreUnreachable:
            self._probe_at = time.monotonic() + self._pause
        else:
            self._is_back = True
