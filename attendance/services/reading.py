"""What days rest on, read from the database in one statement, however many people.

A punch pays for every statement and for every query that is put together, so this one
is written out. tests/attendance/test_reading.py compares it with what leave/ says.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

import orjson
from django.db import connection

from attendance.models import OpenSession
from attendance.models.schedules import read_pattern
from attendance.schedule import WeekPattern
from attendance.timesheet import Direction, TimedPunch
from employees.models import Employee
from leave.calendar import Holiday, Portion

#: So far before the days that are asked for, and after them, punches may shape their
#: sessions: one that belongs to a day may begin on the day before and last 28 hours.
BEFORE = dt.timedelta(days=3)
AFTER = dt.timedelta(days=2)

#: Looked up, as calling the enumeration costs more than all else of a punch.
_DIRECTIONS = {each.value: each for each in Direction}

# Punches are found by their person alone: with the organization as well, PostgreSQL
# may prefer the index of the latest punches of everybody. That both belong together is
# a promise of the database.
#
# Moments come as microseconds since 1970, and the punches of a person as one row: read
# one by one, as texts of times, they took half of all that a team's day costs.
_READ = """
SELECT kind, owner, key, "on", word,
       (extract(epoch FROM at) * 1000000)::bigint,
       (extract(epoch FROM then_at) * 1000000)::bigint,
       (extract(epoch FROM until) * 1000000)::bigint,
       keys, moments
FROM (
SELECT 'punches', employee_id, NULL::uuid, NULL::date, string_agg(direction, ' '),
       NULL::timestamptz, NULL::timestamptz, NULL::timestamptz,
       array_agg(id), array_agg((extract(epoch FROM punched_at) * 1000000)::bigint)
FROM attendance_punch
WHERE employee_id = ANY(%(people)s) AND voided_at IS NULL
  AND punched_at >= %(starts_at)s AND punched_at < %(ends_at)s
GROUP BY employee_id
UNION ALL
SELECT 'session', employee_id, id, NULL, NULL,
       clocked_in_at, break_started_at, ends_before, NULL, NULL
FROM attendance_opensession
WHERE employee_id = ANY(%(people)s)
UNION ALL
SELECT 'schedule', NULL, id, NULL, pattern::text, NULL,
       CASE WHEN is_default THEN created_at END, NULL, NULL, NULL
FROM attendance_workschedule
WHERE organization_id = %(organization)s
UNION ALL
SELECT 'assignment', employee_id, schedule_id, effective_on,
       NULL, NULL, NULL, NULL, NULL, NULL
FROM attendance_scheduleassignment
WHERE employee_id = ANY(%(people)s) AND effective_on <= %(last_on)s + 2
UNION ALL
SELECT 'leave', day.employee_id, NULL, day."on", day.portion,
       NULL, NULL, NULL, NULL, NULL
FROM leave_leaveday AS day JOIN leave_leaverequest AS request
  ON request.id = day.request_id
WHERE day.employee_id = ANY(%(people)s) AND day.is_live
  AND day."on" BETWEEN %(first_on)s AND %(last_on)s
  AND day.charge > 0 AND request.status = 'approved'
UNION ALL
SELECT 'holiday', calendar.location_id, NULL, holiday."on",
       holiday.portion || ' ' || holiday.name, NULL, NULL, NULL, NULL, NULL
FROM leave_holidaycalendar AS calendar LEFT JOIN leave_holiday AS holiday
  ON holiday.calendar_id = calendar.id
 AND holiday."on" BETWEEN %(first_on)s AND %(last_on)s
WHERE calendar.organization_id = %(organization)s
) AS row (kind, owner, key, "on", word, at, then_at, until, keys, moments)
"""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: all that the days of some people of one organization rest on."""

    punches: dict[UUID, list[TimedPunch]] = field(
        default_factory=lambda: defaultdict(list)
    )
    #: Who is clocked in, by the rows that keep a second session out.
    sessions: dict[UUID, OpenSession] = field(default_factory=dict)
    weeks: dict[UUID | None, WeekPattern] = field(default_factory=dict)
    #: From when on somebody works by which schedule, the latest first.
    assigned: dict[UUID, list[tuple[dt.date, UUID]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    leave: dict[tuple[UUID, dt.date], list[Portion]] = field(
        default_factory=lambda: defaultdict(list)
    )
    #: By location, of those that have a calendar; None is the rest.
    holidays: dict[UUID | None, dict[dt.date, Holiday]] = field(
        default_factory=lambda: {None: {}}
    )


def read(employees: Sequence[Employee], first_on: dt.date, last_on: dt.date) -> Reading:
    """Read what the days of a span rest on; the people are of one organization."""
    reading = Reading()
    if not employees:
        return reading
    people = {employee.pk: employee for employee in employees}
    starts_at = dt.datetime.combine(first_on - BEFORE, dt.time(), dt.UTC)
    ends_at = dt.datetime.combine(last_on + AFTER, dt.time(), dt.UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            _READ,
            {
                "people": list(people),
                "organization": employees[0].organization_id,
                "first_on": first_on,
                "last_on": last_on,
                "starts_at": starts_at,
                "ends_at": ends_at + dt.timedelta(days=1),
            },
        )
        for row in cursor.fetchall():
            _take(reading, people, row)
    for begins in reading.assigned.values():
        begins.sort(reverse=True)
    return reading


def _take(reading: Reading, people: dict[UUID, Employee], row: tuple) -> None:  # type: ignore[type-arg]
    kind, owner, key, on, word, at, then_at, until, keys, moments = row
    match kind:
        case "punches":
            reading.punches[owner] = [
                TimedPunch(_moment(moment), _DIRECTIONS[direction], punch)
                for moment, direction, punch in zip(
                    moments, word.split(), keys, strict=True
                )
            ]
        case "session":
            reading.sessions[owner] = _session(people[owner], key, at, then_at, until)
        case "schedule":
            reading.weeks[key] = _week(word)
            if then_at:
                reading.weeks[None] = reading.weeks[key]
        case "assignment":
            reading.assigned[owner].append((on, key))
        case "leave":
            reading.leave[owner, on].append(Portion(word))
        case "holiday":
            here = reading.holidays.setdefault(owner, {})
            if on:
                portion, _space, name = word.partition(" ")
                here[on] = Holiday(name, Portion(portion))


def _session(
    employee: Employee,
    key: UUID,
    at: int,
    break_started_at: int | None,
    ends_before: int,
) -> OpenSession:
    row = OpenSession(
        id=key,
        organization_id=employee.organization_id,
        employee=employee,
        clocked_in_at=_moment(at),
        break_started_at=None
        if break_started_at is None
        else _moment(break_started_at),
        ends_before=_moment(ends_before),
    )
    row._state.adding = False
    return row


def _moment(microseconds: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(microseconds=microseconds)


@lru_cache(maxsize=1000)
def _week(pattern: str) -> WeekPattern:
    """Return the hours that a schedule writes down; few texts are read very often."""
    return read_pattern(orjson.loads(pattern))
