"""What people are granted, and what HR puts right."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from employees.models import Employee
from leave.calendar import plain
from leave.ledger import (
    Kind,
    Posting,
    lock_account,
    lock_accounts,
    post,
    post_to_many,
)
from leave.models import LeaveAccount, LeaveLedgerEntry, LeaveType
from organizations.models import Organization


@transaction.atomic
def grant_leave(
    employee: Employee,
    leave_type: LeaveType,
    *,
    year: int,
    amount: Decimal,
    effective_on: dt.date | None = None,
    reason: str = "",
) -> LeaveAccount:
    """Grant somebody their leave of a year; the same grant counts once.

    It counts from ``effective_on``: by default 1 January, or the first day of an
    employment that begins later in the year.

    Raises:
        ValidationError: when the amount is not above zero, or another amount was
            granted for the year already.
    """
    if amount <= 0:
        raise _wrong("amount", "not_positive", _("A grant is more than nothing."))
    account = lock_account(employee, leave_type)
    posting = Posting(
        Kind.GRANT,
        amount,
        year,
        effective_on or _begin(employee, year),
        _grant_key(account, year),
        reason=reason,
    )
    _check_year(posting.effective_on, year)
    if not post(account, [posting]):
        _check_same_grant(account, posting)
    return account


@transaction.atomic
def grant_year(organization: Organization, year: int) -> int:
    """Grant everybody who is employed in a year what each type grants by default.

    Whoever was granted something for that year and type keeps it, so it may run as
    often as one likes. Return how many were granted something.
    """
    employees = list(
        Employee.objects.for_organization(organization)
        .filter(hired_on__lte=dt.date(year, 12, 31))
        .filter(
            Q(terminated_on__isnull=True) | Q(terminated_on__gte=dt.date(year, 1, 1))
        )
        .order_by("pk")
    )
    leave_types = LeaveType.objects.for_organization(organization).filter(
        is_active=True, is_limited=True, yearly_grant__gt=0
    )
    return sum(_grant_type(leave_type, employees, year) for leave_type in leave_types)


def _grant_type(leave_type: LeaveType, employees: Sequence[Employee], year: int) -> int:
    assert leave_type.yearly_grant is not None
    accounts = lock_accounts(leave_type, employees)
    return post_to_many(
        [
            (
                accounts[employee.pk],
                Posting(
                    Kind.GRANT,
                    leave_type.yearly_grant,
                    year,
                    _begin(employee, year),
                    _grant_key(accounts[employee.pk], year),
                ),
            )
            for employee in employees
        ]
    )


@transaction.atomic
def adjust_balance(
    employee: Employee,
    leave_type: LeaveType,
    *,
    year: int,
    amount: Decimal,
    reason: str,
    effective_on: dt.date | None = None,
    key: str = "",
) -> LeaveAccount:
    """Add to, or take from, what somebody has of a year, and say why.

    ``key`` makes it count once, however often it is sent.

    Raises:
        ValidationError: for nothing, or without a reason.
    """
    if not amount:
        raise _wrong("amount", "nothing", _("Nothing to adjust: say how much."))
    if not reason.strip():
        raise _wrong("reason", "required", _("Say why; it stands in the statement."))
    account = lock_account(employee, leave_type)
    posting = Posting(
        Kind.ADJUSTMENT,
        amount,
        year,
        effective_on or _begin(employee, year),
        f"adjustment:{account.pk}:{key or uuid7()}",
        reason=reason.strip(),
    )
    _check_year(posting.effective_on, year)
    post(account, [posting])
    return account


def _begin(employee: Employee, year: int) -> dt.date:
    """Return the first day of a year that somebody is employed."""
    first_day = dt.date(year, 1, 1)
    if first_day < employee.hired_on <= dt.date(year, 12, 31):
        return employee.hired_on
    return first_day


def _grant_key(account: LeaveAccount, year: int) -> str:
    return f"grant:{account.pk}:{year}"


def _check_year(effective_on: dt.date, year: int) -> None:
    if effective_on.year != year:
        raise _wrong(
            "effective_on",
            "other_year",
            _("What counts for %(year)d begins on a day of %(year)d.") % {"year": year},
        )


def _check_same_grant(account: LeaveAccount, posting: Posting) -> None:
    granted = LeaveLedgerEntry.objects.get(
        organization=account.organization_id, idempotency_key=posting.key
    )
    if granted.amount != posting.amount:
        raise _wrong(
            "amount",
            "granted",
            _(
                "%(amount)s were granted for %(year)d already. Adjust the balance "
                "instead."
            )
            % {"amount": plain(granted.amount), "year": posting.year},
        )


def _wrong(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
