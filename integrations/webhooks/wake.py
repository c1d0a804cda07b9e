"""Wake a worker after a commit, seldom enough to cost nothing.

A drainer that is up hears the notification of the commit itself, and stays up for
`WEBHOOK_DRAINER_IDLE_SECONDS`; so a process needs to send a task only once in half
that time. What is lost here costs at most a second: beat sends the same task each
second.
"""

import logging
import threading
import time

from django.conf import settings
from kombu.exceptions import OperationalError

from integrations.webhooks.tasks import drain_deliveries

logger = logging.getLogger(__name__)


class Throttle:
    """Says yes at most once in a while, to whichever thread asks first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0.0

    def allows(self, every_seconds: float) -> bool:
        """Say whether it is time, and if so, count it as done."""
        now = time.monotonic()
        with self._lock:
            if now < self._next:
                return False
            self._next = now + every_seconds
            return True

    def reset(self) -> None:
        """Say yes to whoever asks next."""
        self._next = 0.0


throttle = Throttle()


def wake_drainer() -> None:
    """Ask for a drainer; a broker that is away must not break or delay a save."""
    if not throttle.allows(settings.WEBHOOK_DRAINER_IDLE_SECONDS / 2):
        return
    try:
        drain_deliveries.apply_async(retry=False, expires=60)
    except OperationalError as error:
        logger.warning("No worker was woken, the sweep will find the rest: %s", error)
