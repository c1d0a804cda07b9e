"""The simplest valid records; related ones share the organization."""

from tests.factories.employees import (
    DepartmentFactory,
    EmployeeFactory,
    LocationFactory,
    PositionFactory,
)
from tests.factories.organizations import (
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
)
from tests.factories.webhooks import EndpointFactory

__all__ = [
    "DepartmentFactory",
    "EmployeeFactory",
    "EndpointFactory",
    "LocationFactory",
    "MembershipFactory",
    "OrganizationFactory",
    "PositionFactory",
    "UserFactory",
]
