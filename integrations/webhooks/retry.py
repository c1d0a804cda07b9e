"""When a failed delivery is tried again: 12 attempts over about 72 hours.

The first waits are short, for a receiver that restarts; the last are long, for one
whose people must wake up first. Jitter keeps a crowd of deliveries that failed
together from coming back together.
"""

from datetime import timedelta

# The wait after attempt 1, 2, 3 …; together 71 hours 42 minutes 35 seconds.
WAITS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=7),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
)
MAX_ATTEMPTS = len(WAITS) + 1
JITTER = 0.2


def is_success(status_code: int) -> bool:
    """Say whether an answer accepts the event: 2xx does, a redirect does not."""
    return 200 <= status_code < 300


def next_wait(attempts: int, *, jitter: float) -> timedelta | None:
    """Return how long to wait after so many failed attempts; None after the last.

    ``jitter`` is a number from -1 to 1, drawn by the caller: it shortens or lengthens
    the wait by up to 20 %.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    return WAITS[attempts - 1] * (1 + JITTER * jitter)
