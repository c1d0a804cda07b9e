"""Leave that was granted before, or elsewhere: brought over set by set."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from employees.models import Employee
from leave.calendar import ChargedDay, Portion, Unit, by_year, charge_days, plain, total
from leave.events import LEAVE_REQUEST_APPROVED
from leave.ledger import Kind, Posting, figures_of, lock_accounts, post_to_many
from leave.models import LeaveAccount, LeaveDay, LeaveRequest, LeaveType
from leave.refusals import outside_employment
from leave.request_lines import day_rows
from leave.working_time import Rules, rules_of_many
from organizations.models import User

EXACT = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class GrantedLeave:
    """Leave as another system kept it; ``asked_at`` and ``decided_at`` are its."""

    employee: Employee
    leave_type: LeaveType
    first_on: dt.date
    last_on: dt.date
    first_portion: Portion = Portion.FULL
    last_portion: Portion = Portion.FULL
    note: str = ""
    asked_at: dt.datetime | None = None
    decided_at: dt.datetime | None = None
    decided_by: User | None = None


@transaction.atomic
def record_leave(leaves: Sequence[GrantedLeave]) -> list[LeaveRequest]:
    """Keep leave that is granted already: approved, taken, each told as approved.

    The days are counted by the calendars and weeks that are kept here. All of it, or
    nothing, in a fixed number of statements for any number of leaves of one
    organization; the balances are locked, as for a request.

    Raises:
        ValidationError: when one lies outside of the employment, meets another one, or
            takes more than there is.
    """
    if not leaves:
        return []
    accounts = _accounts(leaves)
    rules = _rules(leaves)
    charged = [_charged(leave, rules[leave.employee.pk]) for leave in leaves]
    requests = [
        _request(leave, days) for leave, days in zip(leaves, charged, strict=True)
    ]
    LeaveRequest.objects.bulk_create_as(LEAVE_REQUEST_APPROVED, requests)
    _freeze(requests, charged)
    post_to_many(
        [
            (accounts[request.employee_id, request.leave_type_id], line)
            for request, days in zip(requests, charged, strict=True)
            for line in _taken(request, days)
        ]
    )
    _check_balances(leaves, accounts)
    return requests


def _accounts(
    leaves: Sequence[GrantedLeave],
) -> dict[tuple[object, object], LeaveAccount]:
    """Lock every account that is spent, type by type in one order."""
    by_type: dict[LeaveType, dict[object, Employee]] = {}
    for leave in leaves:
        by_type.setdefault(leave.leave_type, {})[leave.employee.pk] = leave.employee
    return {
        (employee_id, leave_type.pk): account
        for leave_type in sorted(by_type, key=lambda each: each.pk)
        for employee_id, account in lock_accounts(
            leave_type, list(by_type[leave_type].values())
        ).items()
    }


def _rules(leaves: Sequence[GrantedLeave]) -> Mapping[UUID, Rules]:
    people = {leave.employee.pk: leave.employee for leave in leaves}
    return rules_of_many(
        list(people.values()),
        min(leave.first_on for leave in leaves),
        max(leave.last_on for leave in leaves),
    )


def _charged(leave: GrantedLeave, rules: Rules) -> tuple[ChargedDay, ...]:
    for refusal in outside_employment(leave.employee, leave.first_on, leave.last_on):
        raise refusal
    return charge_days(
        rules,
        first_on=leave.first_on,
        last_on=leave.last_on,
        first_portion=leave.first_portion,
        last_portion=leave.last_portion,
        unit=Unit(leave.leave_type.unit),
        counts_calendar_days=leave.leave_type.counts_calendar_days,
    )


def _request(leave: GrantedLeave, days: Sequence[ChargedDay]) -> LeaveRequest:
    now = timezone.now()
    return LeaveRequest(
        organization_id=leave.employee.organization_id,
        employee=leave.employee,
        leave_type=leave.leave_type,
        first_on=leave.first_on,
        last_on=leave.last_on,
        first_portion=days[0].portion,
        last_portion=days[-1].portion,
        charge=total(days).quantize(EXACT),
        status=LeaveRequest.Status.APPROVED,
        note=leave.note,
        decided_by=leave.decided_by,
        decided_at=leave.decided_at or now,
        created_at=leave.asked_at or now,
    )


def _freeze(
    requests: Sequence[LeaveRequest], charged: Sequence[Sequence[ChargedDay]]
) -> None:
    rows = [
        row
        for request, days in zip(requests, charged, strict=True)
        for row in day_rows(request, days)
    ]
    try:
        with transaction.atomic():
            LeaveDay.objects.bulk_create(rows, batch_size=5000)
    except IntegrityError as error:
        raise ValidationError(
            _("Two of these leaves meet, or one meets a leave that is kept already."),
            code="overlap",
        ) from error


def _taken(request: LeaveRequest, days: Sequence[ChargedDay]) -> list[Posting]:
    return [
        Posting(
            Kind.TAKEN,
            -charge,
            year,
            next(day.on for day in days if day.charge and day.on.year == year),
            f"request:{request.pk}:{Kind.TAKEN}:{year}",
            request=request,
        )
        for year, charge in by_year(days).items()
    ]


def _check_balances(
    leaves: Sequence[GrantedLeave],
    accounts: Mapping[tuple[object, object], LeaveAccount],
) -> None:
    for leave in leaves:
        account = accounts[leave.employee.pk, leave.leave_type.pk]
        for year in range(leave.first_on.year, leave.last_on.year + 1):
            left = figures_of(account, year).available
            if leave.leave_type.is_limited and left < 0:
                raise ValidationError(
                    _("%(name)s has %(missing)s of %(type)s too few for %(year)d.")
                    % {
                        "name": leave.employee,
                        "missing": plain(-left),
                        "type": leave.leave_type,
                        "year": year,
                    },
                    code="insufficient_balance",
                )
