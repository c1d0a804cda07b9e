"""What days rest on: punches, schedules, leave, holidays, employment, read at once."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from attendance.models import Punch, ScheduleAssignment, WorkSchedule
from attendance.schedule import Shift, ShiftOn, WeekPattern, shift_on
from attendance.timesheet import (
    DayResult,
    Direction,
    Employment,
    TimedPunch,
    compute_day,
    sessions_by_day,
)
from employees.models import Employee
from leave.calendar import Portion, days_of
from leave.models import LeaveDay
from leave.working_time import holidays_by_location

#: So far before the days that are asked for, and after them, punches may shape their
#: sessions: one that belongs to a day may begin on the day before and last 28 hours.
BEFORE = dt.timedelta(days=3)
AFTER = dt.timedelta(days=2)


def zone_of(employee: Employee) -> ZoneInfo:
    """Return the time zone that somebody's days are told in: their location's."""
    location = employee.location
    return location.zone if location else employee.organization.zone


class Inputs:
    """All that the days of some people of one organization rest on.

    Reads a fixed number of queries, however many people and days. The employees carry
    their location and organization.
    """

    def __init__(
        self, employees: Sequence[Employee], first_on: dt.date, last_on: dt.date
    ) -> None:
        self._employees = employees
        self._first_on = first_on
        self._last_on = last_on
        self._punches = self._read_punches()
        self._patterns = _Patterns(employees, last_on + AFTER)
        self._leave = self._read_leave()
        self._holidays = (
            holidays_by_location(employees[0].organization, first_on, last_on)
            if employees
            else {None: {}}
        )

    def punches(self, employee: Employee) -> Sequence[TimedPunch]:
        """Return somebody's live punches of the days and around them."""
        return self._punches[employee.pk]

    def shift_on(self, employee: Employee, on: dt.date) -> Shift | None:
        """Return somebody's shift of a date, whatever leave or holiday says."""
        return self._patterns.shift_on(employee)(on)

    def results(
        self,
        employee: Employee,
        now: dt.datetime,
        punches: Iterable[TimedPunch] | None = None,
        days: Iterable[dt.date] | None = None,
    ) -> dict[dt.date, DayResult]:
        """Compute every day of the span, or only some of it.

        From other punches than were read, if they are given.
        """
        if punches is None:
            punches = self._punches[employee.pk]
        shift_of = self._patterns.shift_on(employee)
        holidays = self._holidays.get(employee.location_id, self._holidays[None])
        sessions = sessions_by_day(punches, shift_of, zone_of(employee))
        return {
            on: compute_day(
                on,
                sessions.get(on, ()),
                shift=shift_of(on),
                leave=self._leave.get((employee.pk, on), ()),
                holiday=holidays.get(on),
                employment=_employment(employee, on, was_there=on in sessions),
                now=now,
            )
            for on in days or days_of(self._first_on, self._last_on)
        }

    def _read_punches(self) -> Mapping[UUID, list[TimedPunch]]:
        found: dict[UUID, list[TimedPunch]] = defaultdict(list)
        rows = (
            Punch.objects.live()
            .filter(employee__in=self._employees)
            .between(self._first_on - BEFORE, self._last_on + AFTER)
            .order_by()
            .values_list("employee_id", "punched_at", "direction", "pk")
        )
        for employee_id, punched_at, direction, key in rows:
            found[employee_id].append(TimedPunch(punched_at, Direction(direction), key))
        return found

    def _read_leave(self) -> Mapping[tuple[UUID, dt.date], list[Portion]]:
        found: dict[tuple[UUID, dt.date], list[Portion]] = defaultdict(list)
        rows = (
            LeaveDay.objects.granted()
            .between(self._first_on, self._last_on)
            .filter(employee__in=self._employees, charge__gt=0)
            .order_by()
            .values_list("employee_id", "on", "portion")
        )
        for employee_id, on, portion in rows:
            found[employee_id, on].append(Portion(portion))
        return found


class _Patterns:
    """Who works by which week from when on."""

    def __init__(self, employees: Sequence[Employee], last_on: dt.date) -> None:
        self._schedules: dict[UUID, WorkSchedule] = {}
        self._default: UUID | None = None
        self._assigned: dict[UUID, list[tuple[dt.date, UUID]]] = defaultdict(list)
        self._weeks: dict[UUID, WeekPattern] = {}
        self._shifts: dict[tuple[UUID, str, dt.date], Shift | None] = {}
        if employees:
            self._read(employees, last_on)

    def _read(self, employees: Sequence[Employee], last_on: dt.date) -> None:
        organization = employees[0].organization
        for schedule in WorkSchedule.objects.for_organization(organization):
            self._schedules[schedule.pk] = schedule
            if schedule.is_default:
                self._default = schedule.pk
        rows = ScheduleAssignment.objects.filter(
            employee__in=employees, effective_on__lte=last_on
        )
        for employee_id, effective_on, schedule_id in rows.order_by(
            "-effective_on"
        ).values_list("employee_id", "effective_on", "schedule_id"):
            self._assigned[employee_id].append((effective_on, schedule_id))

    def shift_on(self, employee: Employee) -> ShiftOn:
        """Return what tells the shifts of one person."""
        zone = zone_of(employee)
        assigned = self._assigned.get(employee.pk, ())

        def of(on: dt.date) -> Shift | None:
            held = (schedule for begins, schedule in assigned if begins <= on)
            schedule_id = next(held, self._default)
            if schedule_id is None:
                return None
            return self._shift(schedule_id, zone, on)

        return of

    def _shift(self, schedule_id: UUID, zone: ZoneInfo, on: dt.date) -> Shift | None:
        key = (schedule_id, zone.key, on)
        if key not in self._shifts:
            if schedule_id not in self._weeks:
                self._weeks[schedule_id] = self._schedules[schedule_id].rule
            self._shifts[key] = shift_on(self._weeks[schedule_id], on, zone)
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
