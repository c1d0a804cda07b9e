"""Why a leave cannot be granted, each time with the figures."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from employees.models import Employee
from leave.calendar import (
    ChargedDay,
    Portion,
    amount_in_words,
    plain,
    shown,
)
from leave.models import LeaveDay, LeaveRequest, LeaveType


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


def refusals_of(
    employee: Employee,
    leave_type: LeaveType,
    days: Sequence[ChargedDay],
    years: Sequence[YearCost],
) -> Iterator[ValidationError]:
    """Yield every rule that the leave breaks, on the field to change."""
    if not leave_type.is_active:
        yield _wrong(
            "leave_type",
            "inactive",
            _("%(type)s can no longer be asked for.") % {"type": leave_type},
        )
    yield from outside_employment(employee, days[0].on, days[-1].on)
    if overlap := overlap_of(employee, days):
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


def foreign_type() -> ValidationError:
    """Return the refusal of another organization's type: as good as none."""
    return _wrong(
        "leave_type",
        "not_found",
        _("Choose one that exists. This one was not found."),
    )


def outside_employment(
    employee: Employee, first_on: dt.date, last_on: dt.date
) -> Iterator[ValidationError]:
    """Yield what is wrong with days before the hire or after the last day."""
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


def overlap_of(
    employee: Employee, days: Sequence[ChargedDay]
) -> ValidationError | None:
    """Return the refusal that names the first request that the days meet."""
    asked = {day.on: day.portion for day in days}
    taken = (
        LeaveDay.objects.live()
        .filter(employee=employee)
        .between(days[0].on, days[-1].on)
        .order_by("on")
        .values_list("on", "portion", "request")
    )
    for on, portion, request_id in taken:
        if asked[on].meets(Portion(portion)):
            return _taken(on, request_id)
    return None


def _taken(on: dt.date, request_id: UUID) -> ValidationError:
    other = LeaveRequest.objects.select_related("leave_type").get(pk=request_id)
    return _wrong(
        "first_on",
        "overlap",
        _("%(day)s belongs to another request: %(type)s, %(span)s, %(status)s.")
        % {
            "day": shown(on),
            "type": other.leave_type,
            "span": other.span,
            "status": other.get_status_display().lower(),
        },
    )


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


def all_of(refusals: Sequence[ValidationError]) -> ValidationError:
    """Return several refusals as one error that a form can show."""
    errors: dict[str, Any] = {}
    for refusal in refusals:
        errors = refusal.update_error_dict(errors)
    return ValidationError(errors)


def _wrong(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
