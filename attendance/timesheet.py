"""What became of a day: punches against the shift, leave, holidays and employment.

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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from attendance.schedule import DAY, NO_TIME, Shift, ShiftOn
from leave.calendar import Holiday, Portion

#: A session that lasts longer has lost its clock-out.
OPEN_AT_MOST = dt.timedelta(hours=16)
#: So much longer than its shift may a session last, and so late may an end without a
#: beginning still belong to the shift.
AFTER_SHIFT = dt.timedelta(hours=4)
#: So early may somebody clock in, on the day before, for a shift after midnight.
BEFORE_SHIFT = dt.timedelta(hours=2)

HALVES = frozenset({Portion.MORNING, Portion.AFTERNOON})


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


class Status(StrEnum):
    """What a day was. ``EXPECTED`` is a shift that has not ended yet."""

    PRESENT = "present"
    PARTIAL = "partial"
    LEAVE = "leave"
    HOLIDAY = "holiday"
    OFF = "off"
    MISSING_PUNCH = "missing_punch"
    ABSENT = "absent"
    NOT_EMPLOYED = "not_employed"
    EXPECTED = "expected"


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
class Employment:
    """The days of an employment; ``last_on`` is None while it has no end."""

    first_on: dt.date
    last_on: dt.date | None = None

    def covers(self, on: dt.date) -> bool:
        """Say whether somebody is employed on the day."""
        return self.first_on <= on and (self.last_on is None or on <= self.last_on)


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


@dataclass(frozen=True, slots=True)
class DayResult:
    """The result of one day; times are exact, ``…_minutes`` whole, rounded down.

    ``due_at`` is when work was to begin: the start of the first half required.
    """

    on: dt.date
    status: Status
    worked: dt.timedelta = NO_TIME
    break_time: dt.timedelta = NO_TIME
    required: dt.timedelta = NO_TIME
    late: dt.timedelta = NO_TIME
    sessions: tuple[Session, ...] = ()
    warnings: tuple[Warn, ...] = ()
    shift: Shift | None = None
    due_at: dt.datetime | None = None

    @property
    def worked_minutes(self) -> int:
        return _minutes(self.worked)

    @property
    def break_minutes(self) -> int:
        return _minutes(self.break_time)

    @property
    def required_minutes(self) -> int:
        return _minutes(self.required)

    @property
    def late_minutes(self) -> int:
        return _minutes(self.late)

    @property
    def difference_minutes(self) -> int:
        """How much more than required was worked; negative when it was less."""
        return self.worked_minutes - self.required_minutes

    def open_session(self, now: dt.datetime) -> Session | None:
        """Return the session that somebody is clocked in for, if any."""
        return next((each for each in self.sessions if each.is_open(now)), None)

    def worked_until(self, now: dt.datetime) -> dt.timedelta:
        """Return the time worked, up to now while somebody is at work."""
        return sum((each.worked_until(now) for each in self.sessions), NO_TIME)


# --- Punches into sessions, sessions into days ----------------------------------------


def sessions_by_day(
    punches: Iterable[TimedPunch], shift_on: ShiftOn, zone: ZoneInfo
) -> dict[dt.date, tuple[Session, ...]]:
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


# --- A day ----------------------------------------------------------------------------


def compute_day(
    on: dt.date,
    sessions: Sequence[Session],
    *,
    shift: Shift | None,
    leave: Iterable[Portion] = (),
    holiday: Holiday | None = None,
    employment: Employment,
    now: dt.datetime,
) -> DayResult:
    """Return what a day was, by the sessions that belong to it.

    ``leave`` holds the portions that approved leave covers. A half that is leave or
    holiday is not required; one is late against the half that is.
    """
    free = _halves(leave)
    holiday_halves = _halves([holiday.portion] if holiday else [])
    is_employed = employment.covers(on)
    required_halves = HALVES - free - holiday_halves if shift and is_employed else set()
    facts = _Facts(
        sessions=tuple(sessions),
        shift=shift,
        leave=free,
        holiday=holiday_halves,
        required=frozenset(required_halves),
        is_employed=is_employed,
        now=now,
    )
    return DayResult(
        on=on,
        status=facts.status(),
        worked=facts.worked(),
        break_time=sum((each.break_time for each in sessions), NO_TIME),
        required=facts.required_time(),
        late=facts.late(),
        sessions=facts.sessions,
        warnings=facts.warnings(),
        shift=shift,
        due_at=facts.due_at(),
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of a day, and the rules over it."""

    sessions: tuple[Session, ...]
    shift: Shift | None
    leave: frozenset[Portion]
    holiday: frozenset[Portion]
    required: frozenset[Portion]
    is_employed: bool
    now: dt.datetime

    def worked(self) -> dt.timedelta:
        return sum((each.worked for each in self.sessions), NO_TIME)

    def required_time(self) -> dt.timedelta:
        if self.shift is None:
            return NO_TIME
        return self.shift.required * len(self.required) / len(HALVES)

    def status(self) -> Status:
        if not self.is_employed:
            return Status.NOT_EMPLOYED
        if any(each.missing(self.now) for each in self.sessions):
            return Status.MISSING_PUNCH
        if self.sessions:
            return self._status_at_work()
        if self.required:
            assert self.shift is not None
            is_over = self.shift.ends_at <= self.now
            return Status.ABSENT if is_over else Status.EXPECTED
        return self._status_when_free()

    def _status_at_work(self) -> Status:
        is_open = any(each.is_open(self.now) for each in self.sessions)
        is_enough = _minutes(self.worked()) >= _minutes(self.required_time())
        return Status.PRESENT if is_open or is_enough else Status.PARTIAL

    def _status_when_free(self) -> Status:
        if self.holiday == HALVES:
            return Status.HOLIDAY
        if self.leave and (self.shift or self.leave == HALVES):
            return Status.LEAVE
        return Status.OFF

    def late(self) -> dt.timedelta:
        """How long after it was due work began; nothing where that is not known."""
        due_at = self.due_at()
        first = self.sessions[0].clock_in if self.sessions else None
        if due_at is None or first is None:
            return NO_TIME
        return max(first.at - due_at, NO_TIME)

    def due_at(self) -> dt.datetime | None:
        if self.shift is None or not self.required:
            return None
        is_morning = Portion.MORNING in self.required
        return self.shift.starts_at if is_morning else self.shift.middle_at

    def warnings(self) -> tuple[Warn, ...]:
        found = {
            warning for each in self.sessions for warning in each.missing(self.now)
        }
        if self.sessions:
            found |= {
                warning
                for warning, holds in (
                    (Warn.ON_LEAVE, self.leave == HALVES),
                    (Warn.ON_HOLIDAY, self.holiday == HALVES),
                    (Warn.NOT_EMPLOYED, not self.is_employed),
                )
                if holds
            }
        return tuple(sorted(found, key=list(Warn).index))


def _halves(portions: Iterable[Portion]) -> frozenset[Portion]:
    """Return the halves of a day that the portions cover together."""
    covered = set(portions)
    return HALVES if Portion.FULL in covered else frozenset(covered)


def _minutes(time: dt.timedelta) -> int:
    return time // dt.timedelta(minutes=1)
