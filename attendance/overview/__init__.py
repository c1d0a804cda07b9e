"""What the pages of attendance show: the clock, a month, a day, the team today."""

from attendance.overview.clock import Clock, State, clock_of
from attendance.overview.days import WARNINGS, Day, Month, day_of, month_of, today_of
from attendance.overview.team import (
    PRESENCES,
    Count,
    Member,
    Presence,
    counts_of,
    team_of,
    team_today,
)

__all__ = [
    "PRESENCES",
    "WARNINGS",
    "Clock",
    "Count",
    "Day",
    "Member",
    "Month",
    "Presence",
    "State",
    "clock_of",
    "counts_of",
    "day_of",
    "month_of",
    "team_of",
    "team_today",
    "today_of",
]
