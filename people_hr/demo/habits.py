"""How the people of the demo come and go: each in their way, every day a little other.

A day's punches follow from what the day asks for, so they go with shifts, leave and
holidays as they are kept: nobody works on a day off, and half of one is half the work.
"""

import datetime as dt
import random
from collections.abc import Iterator
from functools import lru_cache

from attendance.timesheet import DayResult, Direction, TimedPunch

MINUTE = dt.timedelta(minutes=1)
#: From so much work on there is a break.
BREAK_FROM = dt.timedelta(hours=5)
#: Who forgot to clock out did so lately; older days were put right since.
FORGOTTEN_WITHIN = dt.timedelta(days=35)
FORGETS, STAYS_AWAY, IS_LATE, LEAVES_EARLY_ON_FRIDAYS = 0.006, 0.001, 0.05, 0.15
FRIDAY = 4


def punches_on(
    number: str, asked: DayResult, now: dt.datetime, *, forgets: bool = False
) -> Iterator[TimedPunch]:
    """Yield the punches of a day that asks somebody to work, in order.

    The same for the same person, day and shift; also those after ``now``.
    """
    assert asked.due_at is not None
    assert asked.shift is not None
    comes, stays, pauses = _habits(number)
    chance = random.Random(f"{number} {asked.on}")  # noqa: S311 (no secret)
    if chance.random() < STAYS_AWAY:
        return
    begins = asked.due_at + (comes + chance.randint(-5, 5)) * MINUTE
    if chance.random() < IS_LATE:
        begins += chance.randint(15, 75) * MINUTE
    begins += dt.timedelta(seconds=chance.randint(0, 59))
    length = asked.required + (stays + chance.randint(0, 9)) * MINUTE
    if asked.on.weekday() == FRIDAY and chance.random() < LEAVES_EARLY_ON_FRIDAYS:
        length -= chance.randint(30, 120) * MINUTE
    yield TimedPunch(begins, Direction.IN)
    if asked.required >= BREAK_FROM:
        pause = (asked.shift.break_minutes + chance.randint(0, pauses)) * MINUTE
        middle = begins + asked.required / 2 - chance.randint(0, 1800) * MINUTE / 60
        yield TimedPunch(middle, Direction.BREAK_START)
        yield TimedPunch(middle + pause, Direction.BREAK_END)
        length += pause
    is_recent = now - begins < FORGOTTEN_WITHIN
    if not forgets and not (is_recent and chance.random() < FORGETS):
        yield TimedPunch(begins + length, Direction.OUT)


@lru_cache
def _habits(number: str) -> tuple[int, int, int]:
    """Return minutes: when somebody comes, stays longer, and pauses longer."""
    chance = random.Random(number)  # noqa: S311 (no secret)
    return chance.randint(-12, 3), chance.randint(1, 12), chance.randint(0, 12)
