"""Punches paired into sessions, and the day that each session belongs to.

Values in, values out, no database, no clock: ``now`` is given. The result does not
depend on the order in which punches arrive. Time is measured between moments in UTC.

* A clock-in begins a session; what follows belongs to it up to the clock-out. A session
  that is not ended in :data:`OPEN_AT_MOST` (or four hours after the length of its
  shift), or before the next clock-in, lacks its clock-out.
* A session belongs to the day of the shift in which it begins, or else to the date on
  which it begins where the person works: over midnight, over a month's end.
* Nothing is invented. The time between two punches counts as work or as a break only
  if both ends say so; beside a missing punch it counts as neither.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from attendance.schedule import DAY, NO_TIME, Shift, ShiftOn

#: A session that lasts longer has lost its clock-out.
OPEN_AT_MOST = dt.timedelta(hours=16)
#: So much longer than its shift may a session last, and so late may an end without a
#: beginning still belong to the shift.
AFTER_SHIFT = dt.timedelta(hours=4)
#: So early may somebody clock in, on the day before, for a shift after midnight.
BEFORE_SHIFT = dt.timedelta(hours=2)


class Direction(StrEnum):
    """What a punch says."""

    IN = "in"
    OUT = "out"
    BREAK_START = "break_start"
    BREAK_END = "break_end"


_AT_WORK_ORDER = (
    Direction.BREAK_START,
    Direction.BREAK_END,
    Direction.OUT,
    Direction.IN,
)
#: What most likely comes next, after each direction, in the same moment.
_LIKELY = {
    Direction.OUT: (
        Direction.IN,
        Direction.BREAK_START,
        Direction.BREAK_END,
        Direction.OUT,
    ),
    Direction.IN: _AT_WORK_ORDER,
    Direction.BREAK_END: _AT_WORK_ORDER,
    Direction.BREAK_START: (
        Direction.BREAK_END,
        Direction.OUT,
        Direction.BREAK_START,
        Direction.IN,
    ),
}
_AT_WORK_AFTER = {Direction.IN, Direction.BREAK_END}
_AT_WORK_BEFORE = {Direction.OUT, Direction.BREAK_START}


class Warn(StrEnum):
    """What somebody should look at."""

    NO_CLOCK_IN = "no_clock_in"
    NO_CLOCK_OUT = "no_clock_out"
    NO_BREAK_START = "no_break_start"
    NO_BREAK_END = "no_break_end"
    ON_LEAVE = "on_leave"
    ON_HOLIDAY = "on_holiday"
    NOT_EMPLOYED = "not_employed"


@dataclass(frozen=True, slots=True)
class TimedPunch:
    """A punch as the rules see it: when, and what it says; ``key`` names the record."""

    at: dt.datetime
    direction: Direction
    key: Any = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch at work: its punches in order, from clocking in to clocking out.

    ``ends_before`` is the moment up to which a clock-out could still belong to it.
    """

    punches: tuple[TimedPunch, ...]
    ends_before: dt.datetime

    @property
    def clock_in(self) -> TimedPunch | None:
        """The punch that begins it, unless it is missing."""
        first = self.punches[0]
        return first if first.direction is Direction.IN else None

    @property
    def begun_at(self) -> dt.datetime:
        """The moment of its first punch."""
        return self.punches[0].at

    @property
    def clock_out(self) -> TimedPunch | None:
        """The punch that ends it, unless it is missing, or yet to come."""
        last = self.punches[-1]
        return last if last.direction is Direction.OUT else None

    @property
    def worked(self) -> dt.timedelta:
        """The time between punches that say it was work."""
        return self._between(_AT_WORK_AFTER, _AT_WORK_BEFORE)

    @property
    def break_time(self) -> dt.timedelta:
        """The time between the beginnings and the ends of breaks."""
        return self._between({Direction.BREAK_START}, {Direction.BREAK_END})

    def _between(self, begins: set[Direction], ends: set[Direction]) -> dt.timedelta:
        return sum(
            (
                end.at - begin.at
                for begin, end in pairwise(self.punches)
                if begin.direction in begins and end.direction in ends
            ),
            NO_TIME,
        )

    def is_open(self, now: dt.datetime) -> bool:
        """Say whether somebody is clocked in: its clock-out may still come."""
        return (
            self.clock_in is not None
            and self.clock_out is None
            and now < self.ends_before
        )

    def is_on_break(self, now: dt.datetime) -> bool:
        """Say whether the session is open and its last punch began a break."""
        last = self.punches[-1]
        return self.is_open(now) and last.direction is Direction.BREAK_START

    def worked_until(self, now: dt.datetime) -> dt.timedelta:
        """Return the time worked, up to now while somebody is at work."""
        last = self.punches[-1]
        if self.is_open(now) and last.direction in _AT_WORK_AFTER:
            return self.worked + max(now - last.at, NO_TIME)
        return self.worked

    def missing(self, now: dt.datetime) -> tuple[Warn, ...]:
        """Return which punches are missing."""
        found = [] if self.clock_in else [Warn.NO_CLOCK_IN]
        for before, after in pairwise(self.punches):
            is_at_work = before.direction in _AT_WORK_AFTER
            if is_at_work and after.direction is Direction.BREAK_END:
                found.append(Warn.NO_BREAK_START)
            if not is_at_work and after.direction is not Direction.BREAK_END:
                found.append(Warn.NO_BREAK_END)
        if self.clock_out is None and not self.is_open(now):
            found.append(Warn.NO_CLOCK_OUT)
        return tuple(found)


#: The sessions that belong to each day that has any.
SessionsByDay = Mapping[dt.date, tuple[Session, ...]]


def sessions_by_day(
    punches: Iterable[TimedPunch], shift_on: ShiftOn, zone: ZoneInfo
) -> SessionsByDay:
    """Pair punches into sessions and give each session to its day.

    ``zone`` is where the person works. Punches of the two days before and after those
    that are asked for must be among them, so that no session is cut.
    """
    days: dict[dt.date, list[Session]] = {}
    waiting = in_order(punches)
    while waiting:
        on = day_of(waiting[0], shift_on, zone)
        ends_before = waiting[0].at + open_at_most(shift_on(on))
        length = _session_length(waiting, ends_before)
        if len(waiting) > length:
            ends_before = min(ends_before, waiting[length].at)
        days.setdefault(on, []).append(Session(tuple(waiting[:length]), ends_before))
        waiting = waiting[length:]
    return {on: tuple(sessions) for on, sessions in days.items()}


def in_order(punches: Iterable[TimedPunch]) -> list[TimedPunch]:
    """Return punches by time; of the same moment, each where it makes sense.

    Devices that count in minutes tell a break of none, or leaving and coming back, as
    two punches of one moment: which of them is first follows from what was before.
    """
    ordered: list[TimedPunch] = []
    for _at, moment in groupby(sorted(punches, key=_when), key=_when):
        tied = list(moment)
        if len(tied) == 1:
            ordered += tied
            continue
        while tied:
            last = ordered[-1].direction if ordered else Direction.OUT
            best = min(tied, key=lambda punch: _LIKELY[last].index(punch.direction))
            tied.remove(best)
            ordered.append(best)
    return ordered


def _when(punch: TimedPunch) -> dt.datetime:
    return punch.at


def open_at_most(shift: Shift | None) -> dt.timedelta:
    """Return how long a session may last that begins for this shift."""
    return max(OPEN_AT_MOST, shift.length + AFTER_SHIFT) if shift else OPEN_AT_MOST


def _session_length(ordered: Sequence[TimedPunch], ends_before: dt.datetime) -> int:
    """Return how many of the punches make up the session that the first begins."""
    for position, punch in enumerate(ordered):
        is_next = position > 0 and punch.direction is Direction.IN
        if is_next or punch.at >= ends_before:
            return position
        if punch.direction is Direction.OUT:
            return position + 1
    return len(ordered)


def day_of(first: TimedPunch, shift_on: ShiftOn, zone: ZoneInfo) -> dt.date:
    """Return the day that a session belongs to by its first punch.

    The start date of the shift in which it lies. Else that of a shift that begins
    after the coming midnight, when it is a clock-in that comes early for it, or that of
    yesterday's shift, when the clock-in is missing and it comes a little late. Else its
    own date in the zone.
    """
    date = first.at.astimezone(zone).date()
    for on in (date - DAY, date):
        shift = shift_on(on)
        if shift and shift.starts_at <= first.at < shift.ends_at:
            return on
    if first.direction is Direction.IN:
        coming = shift_on(date + DAY)
        if coming and coming.starts_at - BEFORE_SHIFT <= first.at:
            return date + DAY
        return date
    last = shift_on(date - DAY)
    if last and last.starts_at < first.at <= last.ends_at + AFTER_SHIFT:
        return date - DAY
    return date
