"""What became of a day: sessions against the shift, leave, holidays and employment.

Values in, values out, no database, no clock: ``now`` is given. How punches become the
sessions of days is told in :mod:`attendance.sessions`; both speak through this module.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from attendance.schedule import NO_TIME, Shift
from attendance.sessions import (
    Direction,
    Session,
    TimedPunch,
    Warn,
    sessions_by_day,
)
from leave.calendar import Holiday, Portion

__all__ = [
    "DayResult",
    "Direction",
    "Employment",
    "Session",
    "Status",
    "TimedPunch",
    "Warn",
    "compute_day",
    "sessions_by_day",
]

HALVES = frozenset({Portion.MORNING, Portion.AFTERNOON})


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


@dataclass(frozen=True, slots=True)
class Employment:
    """The days of an employment; ``last_on`` is None while it has no end."""

    first_on: dt.date
    last_on: dt.date | None = None

    def covers(self, on: dt.date) -> bool:
        """Say whether somebody is employed on the day."""
        return self.first_on <= on and (self.last_on is None or on <= self.last_on)


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
