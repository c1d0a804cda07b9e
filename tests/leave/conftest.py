"""A person with leave to spend, and those who decide about it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from employees.models import Employee
from leave.models import LeaveAccount, LeaveType
from leave.services import grant_leave
from organizations.access import OrganizationAccess
from organizations.events import Occurrence, event_occurred
from organizations.models import Organization
from organizations.roles import Role
from tests.factories import EmployeeFactory, MembershipFactory, OrganizationFactory
from tests.factories.leave import LeaveTypeFactory


@dataclass
class Team:
    """Ada reports to Grace; Hedy is HR; all log in. Annual leave: 10 days of 2026."""

    organization: Organization
    ada: Employee
    grace: Employee
    hedy: Employee
    annual: LeaveType
    accesses: dict[object, OrganizationAccess] = field(default_factory=dict)

    def access(self, employee: Employee) -> OrganizationAccess:
        return self.accesses[employee.pk]

    @property
    def account(self) -> LeaveAccount:
        return LeaveAccount.objects.get(employee=self.ada, leave_type=self.annual)


def make_team() -> Team:
    organization = OrganizationFactory()
    accesses: dict[object, OrganizationAccess] = {}

    def hire(first_name: str, role: Role, manager: Employee | None = None) -> Employee:
        membership = MembershipFactory(organization=organization, role=role)
        employee = EmployeeFactory(
            organization=organization,
            first_name=first_name,
            user=membership.user,
            manager=manager,
        )
        accesses[employee.pk] = OrganizationAccess.of(membership)
        return employee

    grace = hire("Grace", Role.MANAGER)
    ada = hire("Ada", Role.EMPLOYEE, grace)
    hedy = hire("Hedy", Role.HR)
    annual = LeaveTypeFactory(organization=organization, name="Annual leave")
    grant_leave(ada, annual, year=2026, amount=Decimal(10))
    return Team(organization, ada, grace, hedy, annual, accesses)


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


@pytest.fixture
def occurred() -> Iterator[list[Occurrence]]:
    """What happens from here on, in order."""
    heard: list[Occurrence] = []

    def hear(sender: object, occurrences: list[Occurrence], **kwargs: object) -> None:
        heard.extend(occurrences)

    event_occurred.connect(hear)
    yield heard
    event_occurred.disconnect(hear)


def june(day: int) -> dt.date:
    """A day of June 2026; the 1st is a Monday."""
    return dt.date(2026, 6, day)
