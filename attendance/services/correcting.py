"""Corrections: asked for by the person, decided by somebody else, applied once."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from attendance import timesheet
from attendance.events import CORRECTION_SUBMITTED
from attendance.models import CorrectedPunch, Correction, Punch
from attendance.services.computing import figures
from attendance.services.inputs import Inputs, zone_of
from attendance.services.locking import lock_people
from attendance.services.punching import AHEAD
from attendance.timesheet import DayResult, TimedPunch
from employees.models import Employee

Action = CorrectedPunch.Action
#: So far around its day may an added punch lie: a night ends on the next date.
AROUND = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AskedPunch:
    """A punch that somebody says is missing."""

    punched_at: dt.datetime
    direction: Punch.Direction

    @property
    def rule(self) -> TimedPunch:
        """The punch as a value for :mod:`attendance.timesheet`."""
        return TimedPunch(self.punched_at, timesheet.Direction(self.direction))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a correction of one day asks for."""

    employee: Employee
    on: dt.date
    add: Sequence[AskedPunch] = ()
    void: Sequence[Punch] = ()


def preview_correction(asked: Asked) -> tuple[DayResult, DayResult]:
    """Return the day as it is, and as it would be; nothing is written.

    Raises:
        ValidationError: when the correction cannot be asked for.
    """
    _check(asked)
    inputs = Inputs([asked.employee], asked.on, asked.on)
    present = inputs.punches(asked.employee)
    voided = {punch.pk for punch in asked.void}
    wanted = [punch for punch in present if punch.key not in voided]
    known = {(punch.at, punch.direction) for punch in wanted}
    for new in asked.add:
        if (new.punched_at, new.rule.direction) in known:
            raise _on_add(_("This punch is recorded already."), "duplicate")
        wanted.append(new.rule)
    now = timezone.now()
    before = inputs.results(asked.employee, now)[asked.on]
    after = inputs.results(asked.employee, now, wanted)[asked.on]
    return before, after


@transaction.atomic
def request_correction(asked: Asked, *, reason: str) -> Correction:
    """Ask for a correction, with the day's figures before and after it.

    Raises:
        ValidationError: when it cannot be asked for, or one of the day is pending.
    """
    if not reason.strip():
        raise ValidationError(
            {"reason": ValidationError(_("Say what happened."), code="required")}
        )
    [person] = lock_people([asked.employee])
    before, after = preview_correction(asked)
    correction = Correction(
        organization=person.organization,
        employee=person,
        on=asked.on,
        reason=reason.strip(),
        before=figures(before),
        after=figures(after),
    )
    correction.full_clean()
    correction.save_as(CORRECTION_SUBMITTED)
    CorrectedPunch.objects.bulk_create(_lines(asked, correction))
    return correction


def _lines(asked: Asked, correction: Correction) -> list[CorrectedPunch]:
    def line(action: Action, **fields: Any) -> CorrectedPunch:
        return CorrectedPunch(
            organization=correction.organization,
            correction=correction,
            action=action,
            **fields,
        )

    zone = zone_of(asked.employee).key
    return [
        line(
            Action.VOID,
            punch=punch,
            punched_at=punch.punched_at,
            time_zone=punch.time_zone,
            direction=punch.direction,
        )
        for punch in asked.void
    ] + [
        line(
            Action.ADD,
            punched_at=new.punched_at,
            time_zone=zone,
            direction=new.direction,
        )
        for new in asked.add
    ]


def _check(asked: Asked) -> None:
    """Refuse what no day could be corrected by.

    Raises:
        ValidationError: on the field that is wrong.
    """
    if not asked.add and not asked.void:
        raise ValidationError(
            _("Add a punch, or choose one to be voided."), code="nothing"
        )
    zone = zone_of(asked.employee)
    if asked.on > timezone.localdate(timezone=zone):
        raise ValidationError(
            {"on": ValidationError(_("This day lies ahead."), code="future")}
        )
    for new in asked.add:
        day = new.punched_at.astimezone(zone).date()
        if abs(day - asked.on) > AROUND:
            raise _on_add(
                _("%(moment)s does not belong to %(day)s.")
                % {
                    "moment": date_format(day, "j F Y"),
                    "day": date_format(asked.on, "j F Y"),
                },
                "another_day",
            )
        if new.punched_at > timezone.now() + AHEAD:
            raise _on_add(_("This moment lies ahead."), "future")
    if len(set(asked.add)) < len(asked.add):
        raise _on_add(_("The same punch is there twice."), "duplicate")
    for punch in asked.void:
        if punch.employee_id != asked.employee.pk or punch.is_voided:
            raise ValidationError(
                {
                    "void": ValidationError(
                        _("Choose a punch of that day that counts."), code="not_found"
                    )
                }
            )


def _on_add(message: str, code: str) -> ValidationError:
    return ValidationError({"add": ValidationError(message, code=code)})
