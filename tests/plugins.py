"""Fixtures that tests of every area use; loaded by tests/conftest.py."""

from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from django.test import Client

from integrations.gateway import cors
from integrations.rate_limits import policies
from organizations.models import Organization
from organizations.roles import Role
from organizations.security import SecurityEvent, security_event_occurred
from organizations.tokens.ring import forget_ring
from organizations.tokens.signing import forget_verified
from tests.factories import MembershipFactory


@pytest.fixture(autouse=True)
def _fresh_keys() -> None:
    """Read the signing keys anew: the database may have been emptied meanwhile."""
    forget_ring()
    forget_verified()


@pytest.fixture(autouse=True)
def _fresh_origins() -> None:
    """Read which pages may call the API anew, likewise."""
    cors.forget()


@pytest.fixture
def wide_limits(settings: Any) -> Iterator[None]:
    """Let a walk over every address not be taken for an attack."""
    wide = dict.fromkeys(settings.RATE_LIMITS, (200_000, 3600))
    settings.RATE_LIMITS = wide | settings.SECURITY_LIMITS
    policies.default_policy.cache_clear()
    yield
    policies.default_policy.cache_clear()


@pytest.fixture
def security_events() -> Iterator[list[SecurityEvent]]:
    """Return the list that every security event of the test is added to."""
    told: list[SecurityEvent] = []

    def keep(event: SecurityEvent, **signal: object) -> None:
        told.append(event)

    security_event_occurred.connect(keep)
    yield told
    security_event_occurred.disconnect(keep)


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
