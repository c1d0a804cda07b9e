"""A member with one of each credential, and clients that show them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from integrations.api_keys.verification import memory
from integrations.rate_limits.limiter import limiter
from organizations.models import Membership
from organizations.roles import Role
from organizations.tokens import open_family
from tests.factories import MembershipFactory
from tests.factories.api_keys import ApiKeyFactory

EMPLOYEES = "/api/v1/employees/"


@dataclass
class Showing:
    """A client that shows one credential with every request."""

    kind: str
    client: Client
    membership: Membership
    row: Any = None

    def get(self, path: str = EMPLOYEES, **headers: str) -> Any:
        return self.client.get(path, headers=headers)


@pytest.fixture(autouse=True)
def _forget() -> None:
    memory.clear()


@pytest.fixture
def membership(db: None) -> Membership:
    member: Membership = MembershipFactory(role=Role.OWNER)
    return member


def by_session(membership: Membership) -> Showing:
    client = Client()
    client.force_login(membership.user)
    return Showing("session", client, membership)


def by_token(membership: Membership) -> Showing:
    access = open_family(membership).access
    client = Client(headers={"Authorization": f"Bearer {access}"})
    return Showing("token", client, membership, access)


def by_key(membership: Membership, **fields: Any) -> Showing:
    key = ApiKeyFactory(
        organization=membership.organization, owner=membership.user, **fields
    )
    return Showing("api_key", Client(headers={"X-API-Key": key.text}), membership, key)


WAYS = {"session": by_session, "token": by_token, "api_key": by_key}


@pytest.fixture(params=sorted(WAYS))
def showing(request: Any, membership: Membership) -> Showing:
    """The member, by each kind of credential in turn."""
    return WAYS[request.param](membership)


@pytest.fixture
def limits() -> Iterator[dict[str, tuple[int, int]]]:
    """The limits of the installation, for a test to change."""
    kept = dict(settings.RATE_LIMITS)
    from integrations.rate_limits import policies

    yield settings.RATE_LIMITS
    settings.RATE_LIMITS.clear()
    settings.RATE_LIMITS.update(kept)
    policies.default_policy.cache_clear()


def store_trips() -> int:
    """Return how many scripts this worker's store has run."""
    import redis

    store = redis.Redis.from_url(settings.REDIS_URL)
    stats: Any = store.info("commandstats")
    return sum(
        stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("evalsha", "eval")
    )


__all__ = ["limiter"]
