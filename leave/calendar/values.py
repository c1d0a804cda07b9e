"""What the rules of leave are about: parts of days, weeks, holidays, charged days."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

NOTHING = Decimal(0)
HALF = Decimal("0.5")


class Portion(StrEnum):
    """Which part of a day."""

    FULL = "full"
    MORNING = "morning"
    AFTERNOON = "afternoon"

    @property
    def label(self) -> str:
        """The part in a person's words."""
        return {
            Portion.FULL: _("whole day"),
            Portion.MORNING: _("morning"),
            Portion.AFTERNOON: _("afternoon"),
        }[self]

    def meets(self, other: "Portion") -> bool:
        """Say whether two parts of one day share time."""
        return Portion.FULL in (self, other) or self is other


class Unit(StrEnum):
    """What a type of leave is counted in."""

    DAYS = "days"
    HOURS = "hours"


class Reason(StrEnum):
    """Why a day costs what it costs."""

    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    MORNING_OFF = "morning_off"
    AFTERNOON_OFF = "afternoon_off"
    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    DAY_OFF = "day_off"


@dataclass(frozen=True, slots=True)
class Holiday:
    """A holiday of one date: the whole day, or half of it."""

    name: str
    portion: Portion = Portion.FULL


@dataclass(frozen=True, slots=True)
class Week:
    """The hours of Monday … Sunday, from a day on (or since ever)."""

    hours: tuple[Decimal, ...]
    effective_on: dt.date = dt.date.min

    def hours_on(self, day: dt.date) -> Decimal:
        """Return the hours that this week plans for the weekday of ``day``."""
        return self.hours[day.weekday()]


@dataclass(frozen=True, slots=True)
class DayRule:
    """What one date is to one person: the hours of their week, and its holiday."""

    hours: Decimal
    holiday: Holiday | None = None

    @property
    def is_working(self) -> bool:
        """Whether any of the day is worked."""
        return self.hours > 0 and not self.is_full_holiday

    @property
    def is_full_holiday(self) -> bool:
        return self.holiday is not None and self.holiday.portion is Portion.FULL

    def worked_share(self, portion: Portion) -> Decimal:
        """Return how much of the day's work lies in ``portion``: 0, ½ or 1."""
        if not self.is_working:
            return NOTHING
        halves = {Portion.MORNING, Portion.AFTERNOON}
        asked = halves if portion is Portion.FULL else {portion}
        free = {self.holiday.portion} if self.holiday else set()
        return HALF * len(asked - free)


@dataclass(frozen=True, slots=True)
class ChargedDay:
    """One day of a leave and what it costs, in days or hours."""

    on: dt.date
    portion: Portion
    charge: Decimal
    reason: Reason
    holiday: str = ""

    @property
    def words(self) -> str:
        """Why the day costs what it costs, for a person."""
        return explain(self.on, self.reason, self.holiday)


def explain(on: dt.date, reason: str, holiday: str) -> str:
    """Return a reason in words: "Holiday: Christmas Day"."""
    match Reason(reason):
        case Reason.WORKING_DAY:
            return _("Working day")
        case Reason.CALENDAR_DAY:
            return _("Calendar day")
        case Reason.HOLIDAY:
            return _("Holiday: %(name)s") % {"name": holiday}
        case Reason.MORNING_OFF:
            return _("Morning off: %(name)s") % {"name": holiday}
        case Reason.AFTERNOON_OFF:
            return _("Afternoon off: %(name)s") % {"name": holiday}
        case Reason.WEEKEND:
            return _("Weekend")
        case Reason.DAY_OFF:
            return _("No working day of yours")
