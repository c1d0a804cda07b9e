"""Who is clocked in, kept as rows whose uniqueness keeps a second session out."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from attendance.models import OpenSession
from attendance.services.inputs import REACH, Inputs, zone_of
from attendance.timesheet import DayResult
from employees.models import Employee

Results = Mapping[UUID, Mapping[dt.date, DayResult]]


def keep_sessions(inputs: Inputs, results: Results, now: dt.datetime) -> None:
    """Let the open sessions say who is clocked in, where the span reaches today."""
    begun, over = [], []
    for employee in inputs.employees:
        today = now.astimezone(zone_of(employee)).date()
        if not (inputs.first_on <= today - REACH and today < inputs.last_on):
            continue
        kept = inputs.open_session(employee)
        fields = _fields(results[employee.pk].values(), now)
        if fields is None:
            over += [kept.pk] if kept else []
        elif kept is None:
            begun.append(_begun(employee, fields))
        else:
            _change(kept, fields)
    if over:
        _end(over)
    if begun:
        OpenSession.objects.bulk_create(begun)


def _fields(
    results: Iterable[DayResult], now: dt.datetime
) -> dict[str, dt.datetime | None] | None:
    """Return what is to be kept of the session that goes on, if one does."""
    sessions = (result.open_session(now) for result in results)
    session = next((each for each in sessions if each), None)
    if session is None:
        return None
    assert session.clock_in is not None
    last = session.punches[-1]
    return {
        "clocked_in_at": session.clock_in.at,
        "break_started_at": last.at if session.is_on_break(now) else None,
        "ends_before": session.ends_before,
    }


def _begun(employee: Employee, fields: Mapping[str, Any]) -> OpenSession:
    return OpenSession(
        organization_id=employee.organization_id, employee=employee, **fields
    )


def _change(kept: OpenSession, fields: Mapping[str, Any]) -> None:
    changed = [name for name in fields if getattr(kept, name) != fields[name]]
    for name in changed:
        setattr(kept, name, fields[name])
    if changed:
        kept.save(update_fields=changed)


def _end(session_ids: Sequence[UUID]) -> None:
    """Delete the rows; nothing hangs on them that Django would have to look for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM attendance_opensession WHERE id = ANY(%s)", [list(session_ids)]
        )
