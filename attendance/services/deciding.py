"""Corrections decided: approved and applied once, declined, or taken back."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from attendance.events import (
    CORRECTION_APPROVED,
    CORRECTION_DECLINED,
    CORRECTION_WITHDRAWN,
)
from attendance.models import CorrectedPunch, Correction, Punch
from attendance.services.computing import figures
from attendance.services.conflict import Conflict
from attendance.services.inputs import Inputs, zone_of
from attendance.services.locking import lock_people_by_id
from attendance.services.punching import NewPunch, Source, record_punch
from attendance.services.voiding import void_punch
from attendance.timesheet import DayResult
from employees.models import Employee
from organizations.access import OrganizationAccess
from organizations.events import gathered

Action = CorrectedPunch.Action


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
    lock_people_by_id([correction.employee_id])
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
