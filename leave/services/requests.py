"""Asking for leave: what it costs, whether it may be, and that it counts."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from employees.models import Employee
from leave.calendar import (
    ChargedDay,
    Portion,
    Unit,
    by_year,
    charge_days,
    check_span,
    total,
)
from leave.events import LEAVE_REQUEST_SUBMITTED
from leave.ledger import Kind, Posting, lock_account, post, spendable
from leave.models import LeaveDay, LeaveRequest, LeaveType
from leave.refusals import YearCost, all_of, foreign_type, overlap_of, refusals_of
from leave.request_lines import day_rows
from leave.working_time import rules_for

#: As the database keeps amounts.
EXACT = Decimal("0.001")
OVERLAPS = frozenset({"leave_day_morning_once", "leave_day_afternoon_once"})


@dataclass(frozen=True, slots=True)
class Preview:
    """What a leave would cost, day by day, and why it could not be granted."""

    leave_type: LeaveType
    days: tuple[ChargedDay, ...]
    years: tuple[YearCost, ...]
    refusals: tuple[ValidationError, ...]
    needs_certificate: bool

    @property
    def charge(self) -> Decimal:
        return total(self.days)

    @property
    def is_possible(self) -> bool:
        return not self.refusals


def preview_request(
    employee: Employee,
    leave_type: LeaveType,
    *,
    first_on: dt.date,
    last_on: dt.date,
    first_portion: Portion = Portion.FULL,
    last_portion: Portion = Portion.FULL,
) -> Preview:
    """Count what a leave would cost; write nothing.

    Raises:
        ValidationError: when the days cannot be counted at all: the end before the
            start, or half of a day that is free.
    """
    days = _charged(
        employee, leave_type, first_on, last_on, first_portion, last_portion
    )
    years = tuple(_costs(employee, leave_type, days))
    return Preview(
        leave_type=leave_type,
        days=days,
        years=years,
        refusals=tuple(refusals_of(employee, leave_type, days, years)),
        needs_certificate=leave_type.needs_certificate(len(days)),
    )


@transaction.atomic
def request_leave(
    employee: Employee,
    leave_type: LeaveType,
    *,
    first_on: dt.date,
    last_on: dt.date,
    first_portion: Portion = Portion.FULL,
    last_portion: Portion = Portion.FULL,
    note: str = "",
) -> LeaveRequest:
    """Ask for leave. Its days are counted now and stay so; the balance is reserved.

    The account is locked before its balance is read, so that requests at once spend it
    one after the other.

    Raises:
        ValidationError: with the figures, for every rule that it breaks.
    """
    if leave_type.organization_id != employee.organization_id:
        raise foreign_type()
    account = lock_account(employee, leave_type)
    preview = preview_request(
        employee,
        leave_type,
        first_on=first_on,
        last_on=last_on,
        first_portion=first_portion,
        last_portion=last_portion,
    )
    if preview.refusals:
        raise all_of(preview.refusals)
    leave_request = LeaveRequest(
        organization_id=employee.organization_id,
        employee=employee,
        leave_type=leave_type,
        first_on=first_on,
        last_on=last_on,
        first_portion=preview.days[0].portion,
        last_portion=preview.days[-1].portion,
        charge=preview.charge.quantize(EXACT),
        note=note,
    )
    # Whose and of what type it is was read, and a new id is nobody else's.
    leave_request.full_clean(exclude=["employee", "leave_type"], validate_unique=False)
    leave_request.save_as(LEAVE_REQUEST_SUBMITTED)
    _freeze(leave_request, preview.days)
    post(account, _reservations(leave_request, preview.years))
    return leave_request


def _charged(
    employee: Employee,
    leave_type: LeaveType,
    first_on: dt.date,
    last_on: dt.date,
    first_portion: Portion,
    last_portion: Portion,
) -> tuple[ChargedDay, ...]:
    check_span(first_on, last_on, Portion(first_portion), Portion(last_portion))
    return charge_days(
        rules_for(employee, first_on, last_on),
        first_on=first_on,
        last_on=last_on,
        first_portion=Portion(first_portion),
        last_portion=Portion(last_portion),
        unit=Unit(leave_type.unit),
        counts_calendar_days=leave_type.counts_calendar_days,
    )


def _costs(
    employee: Employee, leave_type: LeaveType, days: Sequence[ChargedDay]
) -> Iterator[YearCost]:
    for year, charge in by_year(days).items():
        first_on = next(day.on for day in days if day.charge and day.on.year == year)
        before = spendable(employee, leave_type, first_on)
        yield YearCost(year, first_on, charge, before)


def _freeze(leave_request: LeaveRequest, days: Sequence[ChargedDay]) -> None:
    """Write the days. Two requests at once may both have found the days free."""
    rows = day_rows(leave_request, days)
    try:
        with transaction.atomic():
            LeaveDay.objects.bulk_create(rows)
    except IntegrityError as error:
        if _broken(error) not in OVERLAPS:
            raise
        overlap = overlap_of(leave_request.employee, days) or ValidationError(
            _("These days are taken already."), code="overlap"
        )
        raise all_of([overlap]) from error


def _broken(error: IntegrityError) -> Any:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)


def _reservations(
    leave_request: LeaveRequest, years: Sequence[YearCost]
) -> Iterator[Posting]:
    for cost in years:
        yield Posting(
            Kind.RESERVATION,
            -cost.charge,
            cost.year,
            cost.first_on,
            f"request:{leave_request.pk}:reservation:{cost.year}",
            request=leave_request,
        )
