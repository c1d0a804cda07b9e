"""The demo's last year of punches, as a company moves it over from another system.

They come by COPY and are told to nobody: what happened before a system was there is no
news, and sixty thousand events would bury what the demo is to show. The days are made
of them by the rules that every punch goes through.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from uuid_utils.compat import uuid7

from attendance.models import Punch
from attendance.services import Inputs, zone_of
from attendance.services.computing import day_fields, is_to_be_kept
from attendance.services.sessions import keep_sessions
from attendance.timesheet import DayResult, TimedPunch
from employees.models import Employee
from people_hr.demo.habits import punches_on

DAYS = 365
#: These places have a device at the door, which numbers its punches.
TERMINALS = {"Lisbon": "Terminal Lisbon"}

Row = Mapping[str, Any]


def load_past_punches(
    everybody: Sequence[Employee],
    now: dt.datetime,
    forgotten: Mapping[str, Iterable[int]],
) -> None:
    """Give everybody a year of punches up to yesterday, and the days they make.

    ``forgotten`` names those who forgot to clock out, by number, and on which of their
    working days, counted backwards from the last one.
    """
    today = now.astimezone(everybody[0].organization.zone).date()
    day = dt.timedelta(days=1)
    inputs = Inputs(everybody, today - DAYS * day, today + day)
    rows: list[dict[str, Any]] = []
    for employee in everybody:
        mine = _punches_of(inputs, employee, now, forgotten.get(employee.number, ()))
        rows += _punch_rows(employee, mine)
        for punch in mine:
            inputs.add(employee, punch)
    _number_by_devices(rows)
    _copy("attendance_punch", rows)
    results = {each.pk: inputs.results(each, now) for each in everybody}
    _copy(
        "attendance_attendanceday",
        [
            _day_row(employee, result, now)
            for employee in everybody
            for result in _past(employee, results[employee.pk].values(), now)
            if is_to_be_kept(result, now)
        ],
    )
    keep_sessions(inputs, results, now)


def _past(
    employee: Employee, results: Iterable[DayResult], now: dt.datetime
) -> list[DayResult]:
    """Return the days before today where somebody works."""
    today = now.astimezone(zone_of(employee)).date()
    return [result for result in results if result.on < today]


def _punches_of(
    inputs: Inputs, employee: Employee, now: dt.datetime, forgotten: Iterable[int]
) -> list[TimedPunch]:
    """Return what somebody punched on the days that asked them to work."""
    asked = [
        result
        for result in _past(employee, inputs.results(employee, now).values(), now)
        if result.required
    ]
    forgot = {asked[-back].on for back in forgotten if back <= len(asked)}
    return [
        punch
        for result in asked
        for punch in punches_on(
            employee.number, result, now, forgets=result.on in forgot
        )
        if punch.at <= now
    ]


def device_of(employee: Employee) -> str:
    """Return the device at whose door somebody comes and goes; empty without one."""
    return TERMINALS.get(employee.location.name if employee.location else "", "")


def _punch_rows(
    employee: Employee, punches: Sequence[TimedPunch]
) -> list[dict[str, Any]]:
    device = device_of(employee)
    source = Punch.Source.API if device else Punch.Source.WEB
    zone = zone_of(employee).key
    return [
        {
            **_bookkeeping(employee, punch.at),
            "punched_at": punch.at,
            "time_zone": zone,
            "direction": punch.direction.value,
            "source": source.value,
            "device": device,
            "device_sequence": None,
            "void_reason": "",
        }
        for punch in punches
    ]


def _bookkeeping(employee: Employee, at: dt.datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "organization_id": employee.organization_id,
        "employee_id": employee.pk,
        "version": 1,
        "created_at": at,
        "updated_at": at,
    }


def _number_by_devices(rows: list[dict[str, Any]]) -> None:
    """Number the punches of each device in the order in which they were made."""
    counts = dict.fromkeys(TERMINALS.values(), 0)
    for row in sorted(rows, key=lambda row: row["punched_at"]):
        if row["device"]:
            counts[row["device"]] += 1
            row["device_sequence"] = counts[row["device"]]


def _day_row(employee: Employee, result: DayResult, now: dt.datetime) -> dict[str, Any]:
    fields = day_fields(result)
    shift_ended_at = result.shift.ends_at if result.shift else now
    computed_at = max(fields["last_out_at"] or shift_ended_at, shift_ended_at)
    warnings = ", ".join(f'"{warning}"' for warning in fields["warnings"])
    return {
        **_bookkeeping(employee, min(computed_at, now)),
        "on": result.on,
        **fields,
        "warnings": f"[{warnings}]",
    }


def _copy(table: str, rows: Sequence[Row]) -> None:
    columns = ", ".join(f'"{column}"' for column in rows[0])
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(tuple(row.values()))
