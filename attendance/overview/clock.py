"""Somebody's clock: what it says, since when, and today so far."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from attendance.schedule import DAY
from attendance.services import Inputs, zone_of
from attendance.timesheet import DayResult, Session, Status
from employees.models import Employee


class State(StrEnum):
    """What the clock of somebody says."""

    OUT = "out"
    IN = "in"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Clock:
    """Somebody's clock: what it says, since when, and today's figures so far."""

    employee: Employee
    zone: ZoneInfo
    state: State
    since: dt.datetime | None
    result: DayResult
    worked_minutes: int
    missing_on: dt.date | None = None

    @property
    def remaining_minutes(self) -> int:
        """How much of what is required is left today."""
        return max(self.result.required_minutes - self.worked_minutes, 0)


def clock_of(employee: Employee, now: dt.datetime) -> Clock:
    """Return somebody's clock; a night that began yesterday is still today."""
    zone = zone_of(employee)
    today = now.astimezone(zone).date()
    inputs = Inputs([employee], today - 2 * DAY, today + DAY)
    results = inputs.results(employee, now)
    result = next(
        (each for each in results.values() if each.open_session(now)), results[today]
    )
    session = result.open_session(now)
    return Clock(
        employee=employee,
        zone=zone,
        state=_state(session, now),
        since=since_of(session, result, now),
        result=result,
        worked_minutes=minutes_of(result.worked_until(now)),
        missing_on=_missing_on(results.values(), today),
    )


def _state(session: Session | None, now: dt.datetime) -> State:
    if session is None:
        return State.OUT
    return State.BREAK if session.is_on_break(now) else State.IN


def since_of(
    session: Session | None, result: DayResult, now: dt.datetime
) -> dt.datetime | None:
    if session is None:
        ends = [each.clock_out.at for each in result.sessions if each.clock_out]
        return max(ends, default=None)
    if session.is_on_break(now):
        return session.punches[-1].at
    assert session.clock_in is not None
    return session.clock_in.at


def _missing_on(results: Iterable[DayResult], today: dt.date) -> dt.date | None:
    """Return the latest day before today that lacks a punch."""
    lacking = [
        result.on
        for result in results
        if result.status is Status.MISSING_PUNCH and result.on < today
    ]
    return max(lacking, default=None)


def minutes_of(time: dt.timedelta) -> int:
    """Return whole minutes, rounded down."""
    return time // dt.timedelta(minutes=1)
