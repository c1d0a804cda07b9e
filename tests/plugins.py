"""Fixtures that tests of every area use; loaded by tests/conftest.py."""

from typing import Protocol

import pytest
from django.test import Client

from organizations.models import Organization
from organizations.roles import Role
from tests.factories import MembershipFactory


class LogIn(Protocol):
    """Log a new member in; without an organization, of a new one."""

    def __call__(
        self, role: Role = Role.OWNER, organization: Organization | None = None
    ) -> Client: ...


@pytest.fixture
def member_client(db: None) -> LogIn:
    """Return clients of logged-in members: ``member_client(Role.HR, organization)``.

    ``client.membership`` says who it is.
    """

    def log_in(
        role: Role = Role.OWNER, organization: Organization | None = None
    ) -> Client:
        belongs = {"organization": organization} if organization else {}
        membership = MembershipFactory(role=role, **belongs)
        client = Client()
        client.force_login(membership.user)
        client.membership = membership
        return client

    return log_in
