"""Corrections: asked for by the person, decided by somebody else, applied once."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from attendance import timesheet
from attendance.events import (
    CORRECTION_APPROVED,
    CORRECTION_DECLINED,
    CORRECTION_SUBMITTED,
    CORRECTION_WITHDRAWN,
)
from attendance.models import CorrectedPunch, Correction, Punch
from attendance.services.computing import figures, lock_people
from attendance.services.conflict import Conflict
from attendance.services.inputs import Inputs, zone_of
from attendance.services.punching import (
    AHEAD,
    NewPunch,
    Source,
    record_punch,
    void_punch,
)
from attendance.timesheet import DayResult, TimedPunch
from employees.models import Employee
from organizations.access import OrganizationAccess
from organizations.events import gathered

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
    person = lock_people([asked.employee.pk])[0]
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


# --- Decisions ------------------------------------------------------------------------


def may_decide(correction: Correction, access: OrganizationAccess) -> bool:
    """Say whether an access may decide: HR or the present manager; never oneself."""
    employee = correction.employee
    if access.user is None:
        return access.allows("attendance:approve_all")
    if employee.user_id == access.user.pk:
        return False
    if access.allows("attendance:approve_all"):
        return True
    manager = employee.manager
    is_manager = manager is not None and manager.user_id == access.user.pk
    return is_manager and access.allows("attendance:approve")


@transaction.atomic
def approve_correction(
    correction: Correction, *, access: OrganizationAccess
) -> Correction:
    """Apply a correction: void and add its punches, once.

    What has been voided or recorded meanwhile is left as it is.

    Raises:
        Conflict: ``decided`` when it is decided already.
        PermissionDenied: for one's own, and for whoever is not to decide.
    """
    locked = _to_decide(correction, access)
    asked = (locked.employee, locked.on)
    before = _result(*asked)
    with gathered():  # the days are computed once, at the end
        for line in locked.punches.select_related("punch__employee"):
            _apply(line, locked)
    locked.applied = {"before": figures(before), "after": figures(_result(*asked))}
    _decide(locked, Correction.Status.APPROVED, access)
    locked.save_as(CORRECTION_APPROVED)
    return locked


@transaction.atomic
def decline_correction(
    correction: Correction, *, access: OrganizationAccess, reason: str
) -> Correction:
    """Leave the day as it is, and say why.

    Raises:
        Conflict: ``decided`` when it is decided already.
        ValidationError: without a reason.
        PermissionDenied: for one's own, and for whoever is not to decide.
    """
    locked = _to_decide(correction, access)
    if not reason.strip():
        raise ValidationError(
            {"reason": ValidationError(_("Say why."), code="required")}
        )
    locked.decline_reason = reason.strip()
    _decide(locked, Correction.Status.DECLINED, access)
    locked.save_as(CORRECTION_DECLINED)
    return locked


@transaction.atomic
def withdraw_correction(
    correction: Correction, *, access: OrganizationAccess
) -> Correction:
    """Take one's own correction back before it is decided.

    Raises:
        Conflict: ``decided`` when it is decided already.
        PermissionDenied: when it is somebody else's.
    """
    locked = _locked(correction)
    if access.user is None or locked.employee.user_id != access.user.pk:
        raise PermissionDenied(_("Only the person who asked takes a correction back."))
    _check_pending(locked)
    locked.status = Correction.Status.WITHDRAWN
    locked.save_as(CORRECTION_WITHDRAWN)
    return locked


def _to_decide(correction: Correction, access: OrganizationAccess) -> Correction:
    locked = _locked(correction)
    if not may_decide(locked, access):
        raise PermissionDenied(
            _("A correction is decided by the person's manager or by HR.")
        )
    _check_pending(locked)
    return locked


def _locked(correction: Correction) -> Correction:
    """Lock person and correction, so that it is decided once.

    The person comes first, as in every punch: nobody waits for each other.
    """
    lock_people([correction.employee_id])
    locked: Correction = (
        Correction.objects.select_for_update(of=("self",))
        .select_related(
            "employee__organization",
            "employee__location",
            "employee__manager",
            "decided_by",
        )
        .get(pk=correction.pk)
    )
    return locked


def _check_pending(correction: Correction) -> None:
    if not correction.is_pending:
        raise Conflict(_decided(correction), code="decided")


def _decided(correction: Correction) -> str:
    """Say what was decided, by whom and when."""
    words = {
        "status": correction.get_status_display().lower(),
        "name": correction.decided_by,
    }
    if correction.decided_at is None:
        return _("This correction was %(status)s already.") % words
    at = correction.decided_at.astimezone(zone_of(correction.employee))
    words["moment"] = date_format(at, "j F Y, H:i")
    if correction.decided_by is None:
        return _("This correction was %(status)s on %(moment)s.") % words
    return _("This correction was %(status)s by %(name)s on %(moment)s.") % words


def _decide(
    correction: Correction, status: Correction.Status, access: OrganizationAccess
) -> None:
    correction.status = status
    correction.decided_by = access.user
    correction.decided_at = timezone.now()


def _apply(line: CorrectedPunch, correction: Correction) -> None:
    if line.action == Action.VOID:
        assert line.punch is not None
        if not line.punch.is_voided:
            void_punch(line.punch, reason=correction.reason)
        return
    new = NewPunch(
        correction.employee,
        line.punched_at,
        Punch.Direction(line.direction),
        line.time_zone,
    )
    line.punch = record_punch(new, source=Source.CORRECTION).punch
    line.save()


def _result(employee: Employee, on: dt.date) -> DayResult:
    inputs = Inputs([employee], on, on)
    return inputs.results(employee, timezone.now())[on]
