"""A member with one of each credential, and clients that show them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from integrations.api_keys.verification import memory
from integrations.oauth.scopes import GRANTABLE
from integrations.rate_limits.limiter import limiter
from integrations.rate_limits.stores.valkey import ValkeyStore
from organizations.models import Membership
from organizations.roles import ROLE_SCOPES, Role
from organizations.tokens import open_family
from tests.factories import MembershipFactory
from tests.factories.api_keys import ApiKeyFactory
from tests.factories.oauth import ApplicationFactory, access_token
from tests.organizations.logins import bearer

EMPLOYEES = "/api/v1/employees/"


@dataclass
class Showing:
    """A client that shows one credential with every request."""

    kind: str
    membership: Membership
    headers: dict[str, str]
    row: Any = None
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(headers=self.headers)

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
    showing = Showing("session", membership, {})
    showing.client.force_login(membership.user)
    return showing


def by_token(membership: Membership) -> Showing:
    access = open_family(membership).access
    return Showing("token", membership, bearer(access), access)


def by_key(membership: Membership, **fields: Any) -> Showing:
    key = ApiKeyFactory(
        organization=membership.organization, owner=membership.user, **fields
    )
    return Showing("api_key", membership, {"X-API-Key": key.text}, key)


def by_app(membership: Membership) -> Showing:
    """An app of the organization that the member has let in, for all that they may."""
    scopes = ROLE_SCOPES[Role(membership.role)].intersection(GRANTABLE)
    application = ApplicationFactory(
        organization=membership.organization, allowed_scopes=sorted(scopes)
    )
    access = access_token(application, membership, scopes)
    return Showing("oauth", membership, bearer(access), access)


WAYS = {"session": by_session, "token": by_token, "api_key": by_key, "oauth": by_app}


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


#: Each script that this process asks the store to run leaves a mark here.
_trips: list[None] = []


@pytest.fixture(autouse=True)
def _count_trips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count on our side: the store's own figures are of all its clients."""
    run = ValkeyStore._run

    def counted(self: ValkeyStore, *args: Any) -> bytes:
        _trips.append(None)
        return run(self, *args)

    monkeypatch.setattr(ValkeyStore, "_run", counted)


def store_trips() -> int:
    """Return how many scripts this process has asked the store to run."""
    return len(_trips)


__all__ = ["limiter"]
