"""What somebody has and asked for, and whom they work with."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from employees.models import Employee
from leave.ledger import Figures, balances_as_of, figures_of
from leave.models import LeaveAccount, LeaveDay, LeaveRequest, LeaveType
from leave.team import Absence, parts_of

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Balance:
    """What one person has of one type in one year.

    ``today`` is the balance as of the day ``as_of`` (today, or the end of another
    year): what later days will take is still in it.
    """

    leave_type: LeaveType
    year: int
    figures: Figures
    today: Decimal
    as_of: dt.date

    @property
    def share(self) -> float:
        """How much of the grant is left, from 0 to 1, for a meter."""
        if self.figures.granted <= 0:
            return 0.0
        return max(0.0, min(1.0, float(self.figures.available / self.figures.granted)))


def balances(employee: Employee, year: int, today: dt.date) -> list[Balance]:
    """Return what somebody has of each type, those they spend a balance of first."""
    accounts = {
        account.leave_type_id: account
        for account in LeaveAccount.objects.filter(employee=employee)
    }
    day = today if today.year == year else dt.date(year, 12, 31)
    held = balances_as_of([account.pk for account in accounts.values()], day)
    found = []
    for leave_type in LeaveType.objects.filter(organization=employee.organization_id):
        account = accounts.get(leave_type.pk)
        figures = figures_of(account, year) if account else Figures()
        if leave_type.is_active or figures != Figures():
            as_of = held[account.pk] if account else Figures().available
            found.append(Balance(leave_type, year, figures, as_of, day))
    found.sort(key=lambda balance: (not balance.leave_type.is_limited, 0))
    return found


def own_requests(employee: Employee) -> Any:
    """Return somebody's requests, the latest days first."""
    return LeaveRequest.objects.filter(employee=employee).with_names()


def away_between(
    employees: Sequence[Employee], first_on: dt.date, last_on: dt.date
) -> list[Absence]:
    """Return who of some people is on granted leave within some days."""
    people = {employee.pk: employee for employee in employees}
    days = parts_of(
        LeaveDay.objects.granted()
        .filter(employee__in=people, charge__gt=0)
        .between(first_on, last_on)
    )
    found = [Absence.of(people[key], parts) for key, parts in days.items()]
    return sorted(found, key=lambda absence: (absence.first_on, absence.employee.name))


def team_of(employee: Employee) -> Sequence[Employee]:
    """Return whom somebody works with: their manager, peers and reports, and them."""
    about = Q(pk=employee.pk) | Q(manager=employee)
    if employee.manager_id:
        about |= Q(pk=employee.manager_id) | Q(manager=employee.manager_id)
    active = Employee.objects.active().select_related("manager", "organization")
    return list(active.filter(about))
