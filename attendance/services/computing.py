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

from attendance.models import AttendanceDay, OpenSession, StaleDays
from attendance.services.inputs import Inputs, zone_of
from attendance.timesheet import DayResult, Status
from employees.models import Employee

#: The version of the rules in attendance/timesheet.py; raised when results may change.
RULES = 1
#: So many days before and after its own may a punch change.
REACH = dt.timedelta(days=2)
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

Results = Mapping[UUID, Mapping[dt.date, DayResult]]
#: Whose day, and which.
DayKey = tuple[UUID, dt.date]

_KEPT = """
SELECT employee_id, "on", status, worked_minutes, break_minutes, required_minutes,
       difference_minutes, late_minutes, first_in_at, last_out_at, warnings,
       computed_from
FROM attendance_attendanceday
WHERE employee_id = ANY(%s) AND "on" BETWEEN %s AND %s
"""

_computes: ContextVar[bool] = ContextVar("computes_days_here", default=False)

_held: ContextVar[Mapping[UUID, Employee] | None] = ContextVar(
    "held_people", default=None
)


@contextmanager
def holding(employee_ids: Collection[UUID]) -> Iterator[Mapping[UUID, Employee]]:
    """Lock people for a block in a transaction, and remember that they are locked.

    What the block causes to be computed need not lock and read them again.
    """
    people = {person.pk: person for person in lock_people(employee_ids)}
    token = _held.set({**(_held.get() or {}), **people})
    try:
        yield people
    finally:
        _held.reset(token)


def lock_people(employee_ids: Collection[UUID]) -> list[Employee]:
    """Lock people, so that each one's punches and days are written one by one.

    In the order of their ids, so that two who lock many do not wait for each other.
    """
    held = _held.get() or {}
    if held.keys() >= set(employee_ids):
        return [held[employee_id] for employee_id in sorted(set(employee_ids))]
    return list(
        Employee.objects.select_for_update(of=("self",), no_key=True)
        .select_related("location", "organization")
        .filter(pk__in=employee_ids)
        .order_by("pk")
    )


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

    Days that are not kept yet are added when they have punches and, where it
    ``settles``, when their shift has ended. The people are of one organization.
    """
    employees = lock_people(employee_ids)
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
    wanted = {
        (employee.pk, on): result
        for employee in inputs.employees
        for on, result in results[employee.pk].items()
        if (employee.pk, on) in kept
        or result.sessions
        or _is_settled(result, settled_at)
    }
    fields = {key: day_fields(result) for key, result in wanted.items()}
    different = [key for key in wanted if kept.get(key) != tuple(fields[key].values())]
    return _write(inputs, {key: fields[key] for key in different}, kept)


def _kept(inputs: Inputs) -> dict[DayKey, tuple[Any, ...]]:
    """Return the fields of the days that are kept, as :func:`day_fields` names them.

    As plain values: most of them are only compared.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _KEPT,
            [
                [employee.pk for employee in inputs.employees],
                inputs.first_on,
                inputs.last_on,
            ],
        )
        return {
            (employee_id, on): (*values, orjson.loads(warnings), rules)
            for employee_id, on, *values, warnings, rules in cursor.fetchall()
        }


def _write(
    inputs: Inputs, fields: Mapping[DayKey, Mapping[str, Any]], kept: Collection[DayKey]
) -> int:
    """Write days that differ, new ones and kept ones, each kind at once."""
    if not fields:
        return 0
    known = {key for key in fields if key in kept}
    changed = _read_days(known) if known else []
    for day in changed:
        for name, value in fields[day.employee_id, day.on].items():
            setattr(day, name, value)
    people = {employee.pk: employee for employee in inputs.employees}
    new = [
        AttendanceDay(
            organization=people[employee_id].organization,
            employee=people[employee_id],
            on=on,
            **fields[employee_id, on],
        )
        for employee_id, on in fields
        if (employee_id, on) not in known
    ]
    if len(new) + len(changed) == 1:  # as for every punch: two statements fewer
        [day] = new or changed
        day.save()
        return 1
    if new:
        AttendanceDay.objects.bulk_create(new)
    if changed:
        AttendanceDay.objects.bulk_update(changed, RESULT_FIELDS)
    return len(new) + len(changed)


def _read_days(keys: Collection[DayKey]) -> list[AttendanceDay]:
    """Return the days of these people and dates, to be changed."""
    rows = AttendanceDay.objects.filter(
        employee__in={employee_id for employee_id, _on in keys},
        on__in={on for _employee_id, on in keys},
    )
    return [day for day in rows.order_by() if (day.employee_id, day.on) in keys]


def _is_settled(result: DayResult, at: dt.datetime | None) -> bool:
    """Say whether the day's shift has ended."""
    is_employed = result.status is not Status.NOT_EMPLOYED
    shift = result.shift if is_employed else None
    return shift is not None and at is not None and shift.ends_at <= at


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


def keep_sessions(inputs: Inputs, results: Results, now: dt.datetime) -> None:
    """Let the open sessions say who is clocked in, where the span reaches today."""
    for employee in inputs.employees:
        today = now.astimezone(zone_of(employee)).date()
        if inputs.first_on <= today - REACH and today < inputs.last_on:
            kept = inputs.open_session(employee)
            _keep_session(employee, kept, results[employee.pk].values(), now)


def _keep_session(
    employee: Employee,
    kept: OpenSession | None,
    results: Iterable[DayResult],
    now: dt.datetime,
) -> None:
    sessions = (result.open_session(now) for result in results)
    session = next((each for each in sessions if each), None)
    if session is None:
        if kept:
            kept.delete()
        return
    assert session.clock_in is not None
    row = kept or OpenSession(organization=employee.organization, employee=employee)
    last = session.punches[-1]
    fields = {
        "clocked_in_at": session.clock_in.at,
        "break_started_at": last.at if session.is_on_break(now) else None,
        "ends_before": session.ends_before,
    }
    if kept is None or any(getattr(kept, name) != fields[name] for name in fields):
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()


# --- Later, by a task -----------------------------------------------------------------


def mark_stale(
    employees: Iterable[Employee], first_on: dt.date, last_on: dt.date
) -> int:
    """Note that days of many people are to be computed anew; return how many people."""
    rows = [
        StaleDays(
            organization_id=employee.organization_id,
            employee=employee,
            first_on=first_on,
            last_on=last_on,
        )
        for employee in employees
    ]
    return len(StaleDays.objects.bulk_create(rows, batch_size=1000))


def recompute_stale_days() -> int:
    """Compute what was marked; return how many days have changed.

    Several workers may do this at once: each takes other rows, and a row goes in the
    transaction in which its days are written.
    """
    changed = 0
    while (count := _recompute_one()) is not None:
        changed += count
    return changed


@transaction.atomic
def _recompute_one() -> int | None:
    row = StaleDays.objects.select_for_update(skip_locked=True).order_by("pk").first()
    if row is None:
        return None
    same = StaleDays.objects.select_for_update(skip_locked=True).filter(
        organization_id=row.organization_id, first_on=row.first_on, last_on=row.last_on
    )
    together = list(same.order_by("pk")[:CHUNK])
    changed = recompute_days(
        {each.employee_id for each in together}, row.first_on, row.last_on
    )
    StaleDays.objects.filter(pk__in=[each.pk for each in together]).delete()
    return changed
