"""What becomes of a request: decided once, never by oneself."""

import datetime as dt
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from leave.calendar import shown
from leave.events import (
    LEAVE_REQUEST_APPROVED,
    LEAVE_REQUEST_CANCELLED,
    LEAVE_REQUEST_DECLINED,
    LEAVE_REQUEST_WITHDRAWN,
)
from leave.ledger import ZERO, Kind, lock_account
from leave.models import LeaveDay, LeaveRequest
from leave.request_lines import counter, post_lines, posted, posting, release
from organizations.access import OrganizationAccess
from organizations.models import StaleRecord

Status = LeaveRequest.Status


class Decided(StaleRecord):
    """Somebody decided before (HTTP 409); the words say who and when."""

    def __init__(self, leave_request: LeaveRequest) -> None:
        ValidationError.__init__(self, _decision(leave_request), code="decided")


def may_decide(leave_request: LeaveRequest, access: OrganizationAccess) -> bool:
    """Say whether this access decides: HR, or the manager of the day; never oneself."""
    if _is_own(leave_request, access):
        return False
    return access.allows("leave:approve_all") or _is_manager(leave_request, access)


@transaction.atomic
def approve_leave(
    leave_request: LeaveRequest, *, access: OrganizationAccess
) -> LeaveRequest:
    """Grant a pending request: what was reserved is taken.

    The account is locked and the request read again, so it is decided once even when
    two press the button together.

    Raises:
        PermissionDenied: when it is not theirs to decide.
        Decided: when it is no longer pending.
    """
    locked = _locked_for_decision(leave_request, access)
    reserved = posted(locked, Kind.RESERVATION)
    _decide(locked, Status.APPROVED, access)
    locked.save_as(LEAVE_REQUEST_APPROVED)
    post_lines(
        locked,
        [
            *counter(locked, reserved, Kind.RELEASE),
            *(posting(locked, Kind.TAKEN, entry, entry.amount) for entry in reserved),
        ],
    )
    return locked


@transaction.atomic
def decline_leave(
    leave_request: LeaveRequest, *, reason: str, access: OrganizationAccess
) -> LeaveRequest:
    """Refuse a pending request and say why: what was reserved is released.

    Raises:
        PermissionDenied: when it is not theirs to decide.
        Decided: when it is no longer pending.
        ValidationError: without a reason.
    """
    if not reason.strip():
        raise ValidationError(
            {
                "reason": ValidationError(
                    _("Say why; the person who asked reads it."), code="required"
                )
            }
        )
    locked = _locked_for_decision(leave_request, access)
    locked.decline_reason = reason.strip()
    _decide(locked, Status.DECLINED, access)
    locked.full_clean(exclude=["employee", "leave_type", "organization"])
    locked.save_as(LEAVE_REQUEST_DECLINED)
    release(locked)
    return locked


@transaction.atomic
def withdraw_leave(
    leave_request: LeaveRequest, *, access: OrganizationAccess
) -> LeaveRequest:
    """Take back one's own request before it is decided; HR may do it for somebody.

    Raises:
        PermissionDenied: when it is somebody else's.
        Decided: when it is no longer pending.
    """
    locked = _locked(leave_request)
    if not (_is_own(locked, access) or access.allows("leave:approve_all")):
        raise PermissionDenied(_("Only the person who asked takes a request back."))
    _check_pending(locked)
    _decide(locked, Status.WITHDRAWN, access)
    locked.save_as(LEAVE_REQUEST_WITHDRAWN)
    release(locked)
    return locked


@transaction.atomic
def cancel_leave(
    leave_request: LeaveRequest,
    *,
    access: OrganizationAccess,
    from_on: dt.date | None = None,
) -> LeaveRequest:
    """Give granted leave back, from a day on or wholly; what was taken returns.

    People give back what lies ahead of them, by default all of it; their manager and
    HR also what has passed, by default the whole.

    Raises:
        PermissionDenied: when it is neither one's own nor theirs to decide.
        ValidationError: when it is not granted, or nothing of it is left to give back.
    """
    locked = _locked(leave_request)
    from_on = _cancelled_from(locked, access, from_on)
    if locked.status != Status.APPROVED:
        raise ValidationError(_decision(locked), code="not_approved")
    _give_back(locked, from_on)
    return locked


def _cancelled_from(
    leave_request: LeaveRequest, access: OrganizationAccess, from_on: dt.date | None
) -> dt.date:
    """Return the day from which this access may give the leave back."""
    if may_decide(leave_request, access):
        return max(from_on or leave_request.first_on, leave_request.first_on)
    if not _is_own(leave_request, access):
        raise PermissionDenied(_("This is neither your leave nor yours to decide."))
    zone = leave_request.organization.zone
    today = timezone.localdate(timezone=zone)
    tomorrow = today + dt.timedelta(days=1)
    if from_on is not None and from_on < tomorrow:
        raise ValidationError(
            {
                "from_on": ValidationError(
                    _(
                        "You can give back days from %(day)s on. For earlier ones, ask "
                        "your manager or HR."
                    )
                    % {"day": shown(tomorrow)},
                    code="past",
                )
            }
        )
    return max(from_on or tomorrow, leave_request.first_on)


def _give_back(leave_request: LeaveRequest, from_on: dt.date) -> None:
    live = LeaveDay.objects.live().filter(request=leave_request)
    returned: dict[int, Decimal] = {}
    for day in live.filter(on__gte=from_on):
        returned[day.year] = returned.get(day.year, ZERO) + day.charge
    returned = {year: charge for year, charge in returned.items() if charge}
    if not returned:
        raise ValidationError(
            _("Nothing is left to give back from %(day)s on.")
            % {"day": shown(from_on)},
            code="nothing_left",
        )
    leave_request.charge -= sum(returned.values(), ZERO)
    leave_request.cancelled_from = from_on
    if leave_request.charge:
        live.filter(on__gte=from_on).update(is_live=False)
    else:
        live.update(is_live=False)
        leave_request.status = Status.CANCELLED
    leave_request.save_as(LEAVE_REQUEST_CANCELLED)
    taken = posted(leave_request, Kind.TAKEN)
    post_lines(
        leave_request,
        [
            posting(
                leave_request, Kind.REVERSAL, entry, returned[entry.year], str(from_on)
            )
            for entry in taken
            if entry.year in returned
        ],
    )


# --- Who, and whether still -----------------------------------------------------------


def _is_own(leave_request: LeaveRequest, access: OrganizationAccess) -> bool:
    own = leave_request.employee.user_id
    return access.user is not None and own == access.user.pk


def _is_manager(leave_request: LeaveRequest, access: OrganizationAccess) -> bool:
    manager = leave_request.employee.manager
    return (
        access.user is not None
        and access.allows("leave:approve")
        and manager is not None
        and manager.user_id == access.user.pk
    )


def _locked_for_decision(
    leave_request: LeaveRequest, access: OrganizationAccess
) -> LeaveRequest:
    locked = _locked(leave_request)
    if _is_own(locked, access):
        raise PermissionDenied(_("Nobody decides about their own leave."))
    if not may_decide(locked, access):
        raise PermissionDenied(
            _("%(name)s's manager or HR decides about this.")
            % {"name": locked.employee}
        )
    _check_pending(locked)
    return locked


def _locked(leave_request: LeaveRequest) -> LeaveRequest:
    """Lock the account, then the request, and read it again, with its people."""
    lock_account(leave_request.employee, leave_request.leave_type)
    locked: LeaveRequest = (
        LeaveRequest.objects.select_for_update(of=("self",))
        .select_related("organization", "employee__manager", "leave_type", "decided_by")
        .get(pk=leave_request.pk)
    )
    return locked


def _check_pending(leave_request: LeaveRequest) -> None:
    if not leave_request.is_pending:
        raise Decided(leave_request)


def _decide(
    leave_request: LeaveRequest, status: str, access: OrganizationAccess
) -> None:
    leave_request.status = status
    leave_request.decided_by = access.user
    leave_request.decided_at = timezone.now()


def _decision(leave_request: LeaveRequest) -> str:
    """Return what was decided, by whom and when, as a sentence."""
    if leave_request.decided_at is None:
        return _("This request is pending: nobody has decided about it.")
    zone = leave_request.organization.zone
    moment = leave_request.decided_at
    if leave_request.status == Status.CANCELLED:
        moment = leave_request.updated_at
    return _("This request is %(status)s: %(who)s, %(when)s.") % {
        "status": leave_request.get_status_display().lower(),
        "who": leave_request.decided_by or _("by the system"),
        "when": date_format(timezone.localtime(moment, zone), "j F Y, H:i"),
    }
