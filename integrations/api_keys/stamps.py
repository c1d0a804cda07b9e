"""The stamp of a key in the limiter's store: the generation that its row has.

A stamp saves the query: see ``docs/decisions/0006``. It is believed only together with
a row that this process read within the last second (:data:`SNAPSHOT_SECONDS`), it is
taken away after every commit that changes the key, and where the store does not confirm
that, the change returns only when every such row is older.
"""

import time
from dataclasses import dataclass

#: How long a row that was read is believed, in seconds.
SNAPSHOT_SECONDS = 1.0

#: A clock that goes on while a machine sleeps, where the system has one.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What must stand in the store: a name and its value."""

    name: str
    value: str


def clock() -> float:
    """Return the seconds of a clock that nobody sets."""
    return time.clock_gettime(_CLOCK)


def stamp_of(key_id: str, generation: int) -> Stamp:
    """Return the stamp that a key of this generation has."""
    return Stamp(f"api-key:{key_id}", str(generation))


def withdraw(key_id: str, committed_at: float) -> None:
    """Return when nobody accepts the key as it was before a commit.

    At once where the store confirms that the stamp is gone, or else when every row
    that was read before the commit (a moment of :func:`clock`) is too old.
    """
    time.sleep(max(0.0, committed_at + SNAPSHOT_SECONDS - clock()))


def put(stamp: Stamp, epoch: str) -> bool:
    """Let a stamp stand in the store, if it is the store that was asked before."""
    return False
