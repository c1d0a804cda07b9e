"""Asking for leave: what it costs, whether it may be, and that it counts."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from employees.models import Employee
from leave.calendar import (
    ChargedDay,
    Portion,
    Unit,
    by_year,
    charge_days,
    check_span,
    plain,
    shown,
    total,
)
from leave.events import LEAVE_REQUEST_SUBMITTED
from leave.ledger import ZERO, Kind, Posting, lock_account, post, spendable
from leave.models import LeaveAccount, LeaveDay, LeaveRequest, LeaveType
from leave.working_time import rules_for

#: As the database keeps amounts.
EXACT = Decimal("0.001")
OVERLAPS = frozenset({"leave_day_morning_once", "leave_day_afternoon_once"})


@dataclass(frozen=True, slots=True)
class YearCost:
    """What a leave takes from one year's entitlement.

    ``before`` is what can be spent on ``first_on``, the first day charged to the year.
    """

    year: int
    first_on: dt.date
    charge: Decimal
    before: Decimal

    @property
    def after(self) -> Decimal:
        return self.before - self.charge


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
    account = LeaveAccount.objects.filter(
        employee=employee, leave_type=leave_type
    ).first()
    days = _charged(
        employee, leave_type, first_on, last_on, first_portion, last_portion
    )
    years = tuple(_costs(account, days))
    return Preview(
        leave_type=leave_type,
        days=days,
        years=years,
        refusals=tuple(_refusals(employee, leave_type, days, years)),
        needs_certificate=_needs_certificate(leave_type, len(days)),
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
        raise _all_of(preview.refusals)
    leave_request = LeaveRequest(
        organization=employee.organization,
        employee=employee,
        leave_type=leave_type,
        first_on=first_on,
        last_on=last_on,
        first_portion=preview.days[0].portion,
        last_portion=preview.days[-1].portion,
        charge=preview.charge.quantize(EXACT),
        note=note,
    )
    leave_request.full_clean()
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
    account: LeaveAccount | None, days: Sequence[ChargedDay]
) -> Iterator[YearCost]:
    for year, charge in by_year(days).items():
        first_on = next(day.on for day in days if day.charge and day.on.year == year)
        before = spendable(account, first_on) if account else ZERO
        yield YearCost(year, first_on, charge, before)


def _needs_certificate(leave_type: LeaveType, day_count: int) -> bool:
    after_days = leave_type.certificate_after_days
    return after_days is not None and day_count > after_days


def _freeze(leave_request: LeaveRequest, days: Sequence[ChargedDay]) -> None:
    """Write the days. Two requests at once may both have found the days free."""
    rows = [
        LeaveDay(
            organization_id=leave_request.organization_id,
            request=leave_request,
            employee=leave_request.employee,
            on=day.on,
            portion=day.portion.value,
            charge=day.charge,
            year=day.on.year,
            reason=day.reason.value,
            holiday=day.holiday,
        )
        for day in days
    ]
    try:
        with transaction.atomic():
            LeaveDay.objects.bulk_create(rows)
    except IntegrityError as error:
        if _broken(error) not in OVERLAPS:
            raise
        overlap = _overlap(leave_request.employee, days) or ValidationError(
            _("These days are taken already."), code="overlap"
        )
        raise _all_of([overlap]) from error


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


# --- Refusals, with their figures -----------------------------------------------------


def _refusals(
    employee: Employee,
    leave_type: LeaveType,
    days: Sequence[ChargedDay],
    years: Sequence[YearCost],
) -> Iterator[ValidationError]:
    if not leave_type.is_active:
        yield _wrong(
            "leave_type",
            "inactive",
            _("%(type)s can no longer be asked for.") % {"type": leave_type},
        )
    yield from _outside_employment(employee, days[0].on, days[-1].on)
    if overlap := _overlap(employee, days):
        yield overlap
    if not years:
        yield _wrong(
            "first_on",
            "no_working_day",
            _("Nothing to take: these days are free anyhow (%(words)s).")
            % {"words": "; ".join(dict.fromkeys(day.words for day in days))},
        )
    if leave_type.is_limited:
        for cost in years:
            if cost.after < 0:
                yield _insufficient(leave_type, cost)


def _outside_employment(
    employee: Employee, first_on: dt.date, last_on: dt.date
) -> Iterator[ValidationError]:
    if first_on < employee.hired_on:
        yield _wrong(
            "first_on",
            "before_hire",
            _("The employment begins on %(day)s; leave begins then at the earliest.")
            % {"day": shown(employee.hired_on)},
        )
    if employee.terminated_on and last_on > employee.terminated_on:
        yield _wrong(
            "last_on",
            "after_termination",
            _("The employment ends on %(day)s; leave ends then at the latest.")
            % {"day": shown(employee.terminated_on)},
        )


def _overlap(employee: Employee, days: Sequence[ChargedDay]) -> ValidationError | None:
    """Return the refusal that names the first request that the days meet."""
    asked = {day.on: day.portion for day in days}
    taken = (
        LeaveDay.objects.live()
        .filter(employee=employee)
        .between(days[0].on, days[-1].on)
        .select_related("request__leave_type")
    )
    for day in taken:
        if asked[day.on].meets(Portion(day.portion)):
            other = day.request
            return _wrong(
                "first_on",
                "overlap",
                _("%(day)s belongs to another request: %(type)s, %(span)s, %(status)s.")
                % {
                    "day": shown(day.on),
                    "type": other.leave_type,
                    "span": other.span,
                    "status": other.get_status_display().lower(),
                },
            )
    return None


def _insufficient(leave_type: LeaveType, cost: YearCost) -> ValidationError:
    return _wrong(
        "leave_type",
        "insufficient_balance",
        _(
            "%(type)s of %(year)d: %(charge)s asked for, %(before)s left on %(day)s. "
            "That is %(missing)s too many."
        )
        % {
            "type": leave_type,
            "year": cost.year,
            "charge": amount_in_words(cost.charge, leave_type.unit),
            "before": plain(cost.before),
            "day": shown(cost.first_on),
            "missing": plain(-cost.after),
        },
    )


def amount_in_words(amount: Decimal, unit: str) -> str:
    """Return an amount with its unit: "1 day", "2.5 days", "12 hours"."""
    number = 1 if amount == 1 else 2
    words = (
        ngettext("%(amount)s hour", "%(amount)s hours", number)
        if unit == Unit.HOURS
        else ngettext("%(amount)s day", "%(amount)s days", number)
    )
    return words % {"amount": plain(amount)}


def _all_of(refusals: Sequence[ValidationError]) -> ValidationError:
    errors: dict[str, Any] = {}
    for refusal in refusals:
        errors = refusal.update_error_dict(errors)
    return ValidationError(errors)


def _wrong(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
