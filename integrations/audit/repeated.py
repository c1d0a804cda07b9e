"""Security events that somebody may cause a million times, told once a minute.

The first of a kind is told when it happens. Of those that follow within a minute each
process counts the number, and tells it with the first of the next minute. Where it has
room for no more kinds, it tells the sum of all with the one that came last.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from organizations.security import SecurityKind, tell

WINDOW_SECONDS = 60.0
#: How many kinds of events a process keeps apart.
MOST = 10_000


class Repeated(NamedTuple):
    """What makes two events the same."""

    kind: SecurityKind
    organization_id: UUID | None = None
    address: str = ""
    reason: str = ""
    subject: str = ""


@dataclass(slots=True)
class Since:
    """When an event was told, and how many like it came since."""

    told_at: float
    untold: int = 0


class Tally:
    """The events of this process within the last minute."""

    def __init__(self, most: int = MOST) -> None:
        self._since: dict[Repeated, Since] = {}
        self._lock = threading.Lock()
        self._most = most

    def note(self, event: Repeated, **details: object) -> None:
        """Tell of an event, or count it."""
        counted = self._count(event)
        if counted is not None:
            _tell(event, {**details, **counted})

    def clear(self) -> None:
        """Forget what was told."""
        with self._lock:
            self._since.clear()

    def _count(self, event: Repeated) -> Mapping[str, int] | None:
        """Return how many were not told before this one; None to keep silent."""
        now = time.monotonic()
        with self._lock:
            since = self._since.get(event)
            if since is not None and now - since.told_at < WINDOW_SECONDS:
                since.untold += 1
                return None
            counted = {"untold_before": since.untold if since else 0}
            if since is None and len(self._since) >= self._most:
                counted["untold_of_others"] = self._forget()
            self._since[event] = Since(now)
            return counted

    def _forget(self) -> int:
        """Make room; return how many events nobody was told of."""
        untold = sum(since.untold for since in self._since.values())
        self._since.clear()
        return untold


tally = Tally()


def _tell(event: Repeated, details: Mapping[str, object]) -> None:
    tell(
        event.kind,
        organization_id=event.organization_id,
        subject=event.subject,
        reason=event.reason,
        address=event.address,
        details=details,
    )
