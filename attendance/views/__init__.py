"""The pages of attendance: the clock, a month, a day, corrections, the team today."""

from attendance.views.clock import clock
from attendance.views.corrections import approve, correct, decline, effect, withdraw
from attendance.views.days import day, day_of_person, month, month_of_person
from attendance.views.team import team

__all__ = [
    "approve",
    "clock",
    "correct",
    "day",
    "day_of_person",
    "decline",
    "effect",
    "month",
    "month_of_person",
    "team",
    "withdraw",
]
