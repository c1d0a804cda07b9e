"""When the store is asked, when it is left alone, and who is told."""

import time
from collections.abc import Callable
from threading import Lock, Thread

from integrations.rate_limits.stores.link import StoreUnreachable

#: How long a store that did not answer is left alone before it is tried again.
PAUSE_SECONDS = 0.5


class Breaker:
    """Asks no store that is down: one thread tries it now and then, nobody waits.

    ``probe`` asks the store for an answer; ``on_change`` is told ``True`` when the
    store is given up and ``False`` when it is back.
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
        self._is_probing = False
        self._probe_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the store is left alone; asking may start a probe beside."""
        if self._is_open:
            self._probe_when_due()
        return self._is_open

    def trip(self) -> None:
        """Leave the store alone: it has just failed."""
        with self._lock:
            is_new = not self._is_open
            self._is_open = True
            self._probe_at = time.monotonic() + self._pause
        if is_new:
            self._on_change(True)

    def _probe_when_due(self) -> None:
        with self._lock:
            if self._is_probing or time.monotonic() < self._probe_at:
                return
            self._is_probing = True
        Thread(target=self.try_again, daemon=True).start()

    def try_again(self) -> None:
        """Ask the store; go back to it if it answers."""
        try:
            self._probe()
        except StoreUnreachable:
            is_back = False
        else:
            is_back = True
        with self._lock:
            was_open = self._is_open
            self._is_open = was_open and not is_back
            self._is_probing = False
            self._probe_at = time.monotonic() + self._pause
        if was_open and is_back:
            self._on_change(False)
