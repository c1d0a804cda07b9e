import pytest

from organizations.roles import Role
from tests.factories import MembershipFactory
from tests.factories.oauth import ApplicationFactory
from tests.integrations.oauth.flows import Visit


@pytest.fixture
def visit(db: None) -> Visit:
    """Return an employee's browser and a web app of their organization."""
    application = ApplicationFactory()
    membership = MembershipFactory(
        organization=application.organization,
        role=Role.EMPLOYEE,
        user__first_name="Ada",
        user__last_name="Lovelace",
    )
    return Visit(application, membership)
