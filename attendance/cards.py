"""What the home page says of time: one's clock, and where one's people are."""

from collections.abc import Sequence

from attendance.overview import (
    Clock,
    Count,
    clock_of,
    counts_of,
    team_of,
    team_today,
)
from employees.home import Card, Column, Visitor, register
from employees.models import Employee

STYLES = "people_hr/attendance.css"


def connect() -> None:
    """Put the cards of time on the home page."""
    for card in CARDS:
        register(card)


def clock(visitor: Visitor) -> Clock | None:
    """Return the visitor's clock, if they have one."""
    me = _puncher(visitor)
    return clock_of(me, visitor.now) if me else None


def team(visitor: Visitor) -> Sequence[Count] | None:
    """Return where those are now who report to the visitor."""
    me = _puncher(visitor)
    if me is None or not visitor.access.allows("attendance:approve"):
        return None
    return counts_of(team_today(team_of(me), visitor.now)) or None


def _puncher(visitor: Visitor) -> Employee | None:
    me = visitor.me
    if me is None or not visitor.access.allows("attendance:punch"):
        return None
    return me if me.status == Employee.Status.ACTIVE else None


CARDS = [
    Card("clock", "attendance/home/clock.html", Column.MINE, 10, clock, STYLES),
    Card("team_now", "attendance/home/team.html", Column.OURS, 30, team, STYLES),
]
