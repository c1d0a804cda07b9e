"""The stamp of a key in the limiter's store: the generation that its row has.

A stamp saves the query: see ``docs/decisions/0006``. It is believed only together with
a row that this process read within the last second (:data:`SNAPSHOT_SECONDS`), it is
taken away after every commit that changes the key, and where the store does not confirm
that, the change returns only when every such row is older.
"""

import time
from collections.abc import Iterable

from integrations.rate_limits.limiter import Stamp, drop_stamp

#: How long a row that was read is believed, in seconds.
SNAPSHOT_SECONDS = 1.0

#: A clock that goes on while a machine sleeps, where the system has one.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def clock() -> float:
    """Return the seconds of a clock that nobody sets."""
    return time.clock_gettime(_CLOCK)


def stamp_of(key_id: str, generation: int) -> Stamp:
    """Return the stamp that a key of this generation has."""
    return Stamp(stamp_name(key_id), str(generation))


def stamp_name(key_id: str) -> str:
    """Return what a key's stamp is called."""
    return f"api-key:{key_id}"


def withdraw(key_ids: Iterable[str]) -> None:
    """Return when nobody accepts these keys as they were before the last commit.

    At once where the store confirms that the stamps are gone, or else when every row
    that was read before the commit is too old. Call it right after the commit.
    """
    committed_at = clock()
    dropped = [drop_stamp(stamp_name(key_id)) for key_id in key_ids]
    if not all(dropped):
        time.sleep(max(0.0, committed_at + SNAPSHOT_SECONDS - clock()))
