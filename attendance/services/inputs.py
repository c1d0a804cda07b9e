"""What days rest on: punches, schedules, leave, holidays, employment, read at once."""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from attendance.models import OpenSession
from attendance.schedule import DAY, Shift, ShiftOn, shift_on
from attendance.services.reading import read
from attendance.sessions import SessionsByDay
from attendance.timesheet import (
    DayResult,
    Employment,
    TimedPunch,
    compute_day,
    sessions_by_day,
)
from employees.models import Employee
from leave.calendar import days_of

#: So many days before and after its own may a punch change.
REACH = dt.timedelta(days=2)


def zone_of(employee: Employee) -> ZoneInfo:
    """Return the time zone that somebody's days are told in: their location's."""
    location = employee.location
    return location.zone if location else employee.organization.zone


class Inputs:
    """All that the days of some people of one organization rest on.

    Reads one query, however many people and days. The employees carry their location
    and organization.
    """

    def __init__(
        self, employees: Sequence[Employee], first_on: dt.date, last_on: dt.date
    ) -> None:
        self.employees = employees
        self.first_on = first_on
        self.last_on = last_on
        self._reading = read(employees, first_on, last_on)
        self._shifts: dict[tuple[UUID | None, str, dt.date], Shift | None] = {}

    def punches(self, employee: Employee) -> Sequence[TimedPunch]:
        """Return somebody's live punches of the days and around them."""
        return self._reading.punches[employee.pk]

    def add(self, employee: Employee, punch: TimedPunch) -> None:
        """Take in a punch that was written since the inputs were read."""
        self._reading.punches[employee.pk].append(punch)

    def open_session(self, employee: Employee) -> OpenSession | None:
        """Return the row that says that somebody is clocked in, if there is one."""
        return self._reading.sessions.get(employee.pk)

    def shift_on(self, employee: Employee, on: dt.date) -> Shift | None:
        """Return somebody's shift of a date, whatever leave or holiday says."""
        return self._shifts_of(employee)(on)

    def results(
        self,
        employee: Employee,
        now: dt.datetime,
        punches: Iterable[TimedPunch] | None = None,
    ) -> dict[dt.date, DayResult]:
        """Compute every day of the span.

        From other punches than were read, if they are given.
        """
        if punches is None:
            punches = self._reading.punches[employee.pk]
        sessions = sessions_by_day(
            punches, self._shifts_of(employee), zone_of(employee)
        )
        return {
            on: self._result(employee, on, sessions, now)
            for on in days_of(self.first_on, self.last_on)
        }

    def result_at(self, employee: Employee, now: dt.datetime) -> DayResult:
        """Compute the day that somebody is in: yesterday's while its night goes on."""
        zone = zone_of(employee)
        today = now.astimezone(zone).date()
        sessions = sessions_by_day(
            self._reading.punches[employee.pk], self._shifts_of(employee), zone
        )
        is_night = any(each.is_open(now) for each in sessions.get(today - DAY, ()))
        return self._result(employee, today - DAY if is_night else today, sessions, now)

    def _result(
        self, employee: Employee, on: dt.date, sessions: SessionsByDay, now: dt.datetime
    ) -> DayResult:
        holidays = self._reading.holidays
        return compute_day(
            on,
            sessions.get(on, ()),
            shift=self.shift_on(employee, on),
            leave=self._reading.leave.get((employee.pk, on), ()),
            holiday=holidays.get(employee.location_id, holidays[None]).get(on),
            employment=_employment(employee, on, was_there=on in sessions),
            now=now,
        )

    def _shifts_of(self, employee: Employee) -> ShiftOn:
        """Return what tells the shifts of one person."""
        zone = zone_of(employee)
        assigned = self._reading.assigned.get(employee.pk, ())

        def of(on: dt.date) -> Shift | None:
            held = (schedule for begins, schedule in assigned if begins <= on)
            return self._shift(next(held, None), zone, on)

        return of

    def _shift(
        self, schedule_id: UUID | None, zone: ZoneInfo, on: dt.date
    ) -> Shift | None:
        """Return the shift of a schedule, or of the default one; each once."""
        key = (schedule_id, zone.key, on)
        if key not in self._shifts:
            week = self._reading.weeks.get(schedule_id)
            self._shifts[key] = shift_on(week, on, zone) if week else None
        return self._shifts[key]


def _employment(employee: Employee, on: dt.date, *, was_there: bool) -> Employment:
    """Return the employment that a day belongs to.

    Of an earlier one, before a rehire, only its first day is known: a day of it counts
    as employed when somebody was there.
    """
    first_on = employee.hired_on
    earlier = employee.first_hired_on
    if was_there and earlier and earlier <= on < first_on:
        return Employment(earlier, on)
    return Employment(first_on, employee.terminated_on)
