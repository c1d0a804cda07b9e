"""When somebody is to work: a weekly pattern, and the shift it gives for a date.

Values in, values out, no database. Hours are told in local time and turned into moments
as :pep:`495` says for ``fold=0``: a time that the clocks show twice is the first one, a
time that they skip is as much later as they jump. Lengths are taken between moments in
UTC, so a night is an hour shorter or longer when the clocks change.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

NO_TIME = dt.timedelta()
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """The working hours of a weekday, in local time; the break lies within them.

    Hours that end when they start or earlier end on the next day.
    """

    starts: dt.time
    ends: dt.time
    break_minutes: int = 0

    @property
    def is_overnight(self) -> bool:
        """Say whether they end on the next day."""
        return self.ends <= self.starts


#: The hours of each weekday, 0 Monday … 6 Sunday; a day without hours is free.
WeekPattern = Mapping[int, Hours]


@dataclass(frozen=True, slots=True)
class Shift:
    """The hours of one date: when work begins and ends, as moments in UTC.

    ``on`` is the date on which it starts where the person works.
    """

    on: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    break_minutes: int = 0

    @property
    def length(self) -> dt.timedelta:
        """The time from start to end, the break included."""
        return self.ends_at - self.starts_at

    @property
    def required(self) -> dt.timedelta:
        """The working time: its length without the break."""
        return max(self.length - dt.timedelta(minutes=self.break_minutes), NO_TIME)

    @property
    def middle_at(self) -> dt.datetime:
        """The moment between its halves, the morning and the afternoon."""
        return self.starts_at + self.length / 2


#: Who knows the shift of a date, or that there is none.
ShiftOn = Callable[[dt.date], Shift | None]


def shift_on(pattern: WeekPattern, on: dt.date, zone: ZoneInfo) -> Shift | None:
    """Return the shift that a pattern gives for a date, or None on a free day.

    A shift never ends before it starts: where the clocks skip its end but not its
    start, it has no length.
    """
    hours = pattern.get(on.weekday())
    if hours is None:
        return None
    starts_at = moment(on, hours.starts, zone)
    ends_at = moment(on + DAY if hours.is_overnight else on, hours.ends, zone)
    return Shift(on, starts_at, max(starts_at, ends_at), hours.break_minutes)


def moment(on: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """Return the moment, in UTC, at which clocks in the zone first show this."""
    return dt.datetime.combine(on, time.replace(fold=0), zone).astimezone(dt.UTC)
