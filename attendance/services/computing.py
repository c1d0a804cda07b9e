"""Days computed anew when what they rest on changes."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils import timezone

from attendance.models import AttendanceDay
from attendance.services.inputs import Inputs
from attendance.services.locking import lock_people_by_id
from attendance.services.sessions import keep_sessions
from attendance.timesheet import DayResult, Status
from employees.models import Employee

#: The version of the rules in attendance/timesheet.py; raised when results may change.
RULES = 1
#: People whose days are computed in one go, with one lock and one batch of events.
CHUNK = 200

RESULT_FIELDS = (
    "status",
    "worked_minutes",
    "break_minutes",
    "required_minutes",
    "difference_minutes",
    "late_minutes",
    "first_in_at",
    "last_out_at",
    "warnings",
    "computed_from",
)
FIGURES = RESULT_FIELDS[:6]

#: Whose day, and which.
DayKey = tuple[UUID, dt.date]

COLUMNS = tuple(field.attname for field in AttendanceDay._meta.concrete_fields)
_KEPT = f"""
SELECT {", ".join(f'"{column}"' for column in COLUMNS)} FROM attendance_attendanceday
WHERE employee_id = ANY(%s) AND "on" BETWEEN %s AND %s
"""  # noqa: S608 (names of our own columns)

_computes: ContextVar[bool] = ContextVar("computes_days_here", default=False)


@contextmanager
def computing_here() -> Iterator[None]:
    """Say that the days of what is punched in a block are computed by the block itself.

    What listens to the punches then need not compute them once more.
    """
    token = _computes.set(True)
    try:
        yield
    finally:
        _computes.reset(token)


def is_computed_here() -> bool:
    """Say whether whoever writes punches now computes their days as well."""
    return _computes.get()


@transaction.atomic(savepoint=False)
def recompute_days(
    employee_ids: Collection[UUID],
    first_on: dt.date,
    last_on: dt.date,
    *,
    settles: bool = False,
) -> int:
    """Compute the days of a span anew and write what differs; return how many.

    Days that are not kept yet are added when they have punches and, between days that
    are kept or where it ``settles``, when their shift has ended. The people are of one
    organization.
    """
    employees = lock_people_by_id(employee_ids)
    if not employees:
        return 0
    now = timezone.now()
    return keep_days(
        Inputs(employees, first_on, last_on), now, now if settles else None
    )


def keep_days(
    inputs: Inputs, now: dt.datetime, settled_at: dt.datetime | None = None
) -> int:
    """Write what differs of the days of inputs, whose people are locked."""
    results = {each.pk: inputs.results(each, now) for each in inputs.employees}
    keep_sessions(inputs, results, now)
    kept = _kept(inputs)
    ends = _ends(kept)
    wanted = {
        (employee.pk, on): result
        for employee in inputs.employees
        for on, result in results[employee.pk].items()
        if (employee.pk, on) in kept
        or is_to_be_kept(
            result, now if _is_between(on, ends.get(employee.pk)) else settled_at
        )
    }
    fields = {key: day_fields(result) for key, result in wanted.items()}
    different = {
        key: fields[key]
        for key in wanted
        if key not in kept
        or any(kept[key][name] != value for name, value in fields[key].items())
    }
    return _write(inputs, different, kept)


def _kept(inputs: Inputs) -> dict[DayKey, dict[str, Any]]:
    """Return the days that are kept as plain values: most of them are only compared."""
    with connection.cursor() as cursor:
        cursor.execute(
            _KEPT,
            [
                [employee.pk for employee in inputs.employees],
                inputs.first_on,
                inputs.last_on,
            ],
        )
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row["warnings"] = orjson.loads(row["warnings"])
    return {(row["employee_id"], row["on"]): row for row in rows}


def _ends(kept: Iterable[DayKey]) -> dict[UUID, tuple[dt.date, dt.date]]:
    """Return the first and the last day of each person that are kept."""
    ends: dict[UUID, tuple[dt.date, dt.date]] = {}
    for employee_id, on in kept:
        first_on, last_on = ends.get(employee_id, (on, on))
        ends[employee_id] = (min(first_on, on), max(last_on, on))
    return ends


def _is_between(on: dt.date, ends: tuple[dt.date, dt.date] | None) -> bool:
    """Say whether a day lies between days that are kept: then it is settled, too.

    So that a free day which a change makes one of work does not stay left out.
    """
    return ends is not None and ends[0] < on < ends[1]


def _write(
    inputs: Inputs,
    fields: Mapping[DayKey, Mapping[str, Any]],
    kept: Mapping[DayKey, Mapping[str, Any]],
) -> int:
    """Write days that differ, new ones and kept ones, each kind at once."""
    if not fields:
        return 0
    people = {employee.pk: employee for employee in inputs.employees}
    new, changed = [], []
    for key, values in fields.items():
        if key in kept:
            day = AttendanceDay.from_db(None, COLUMNS, list(kept[key].values()))
            for name, value in values.items():
                setattr(day, name, value)
            changed.append(day)
        else:
            new.append(_new_day(people[key[0]], key[1], values))
    if len(new) + len(changed) == 1:  # as for every punch: two statements fewer
        [day] = new or changed
        day.save()
        return 1
    if new:
        AttendanceDay.objects.bulk_create(new)
    if changed:
        AttendanceDay.objects.bulk_update(changed, RESULT_FIELDS)
    return len(new) + len(changed)


def _new_day(
    employee: Employee, on: dt.date, fields: Mapping[str, Any]
) -> AttendanceDay:
    return AttendanceDay(
        organization_id=employee.organization_id, employee=employee, on=on, **fields
    )


def is_to_be_kept(result: DayResult, settled_at: dt.datetime | None = None) -> bool:
    """Say whether a day has punches, or its shift has ended by a moment."""
    is_employed = result.status is not Status.NOT_EMPLOYED
    shift = result.shift if is_employed else None
    has_ended = shift is not None and settled_at and shift.ends_at <= settled_at
    return bool(result.sessions or has_ended)


def day_fields(result: DayResult) -> dict[str, Any]:
    """Return a result as the fields of an :class:`AttendanceDay`."""
    begins = [each.clock_in.at for each in result.sessions if each.clock_in]
    ends = [each.clock_out.at for each in result.sessions if each.clock_out]
    return {
        **figures(result),
        "first_in_at": min(begins, default=None),
        "last_out_at": max(ends, default=None),
        "warnings": [warning.value for warning in result.warnings],
        "computed_from": RULES,
    }


def figures(result: DayResult) -> dict[str, Any]:
    """Return the figures of a result, ready for JSON."""
    return {
        name: getattr(result, name) if name != "status" else result.status.value
        for name in FIGURES
    }
