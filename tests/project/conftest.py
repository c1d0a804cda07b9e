"""Two organizations with one row of everything, made once for a walk."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import reverse

from integrations.rate_limits import policies
from organizations.roles import Role
from tests.factories import MembershipFactory
from tests.project.world import World, build_world


@pytest.fixture(autouse=True)
def _wide_limits(settings: Any) -> Iterator[None]:
    """Let a walk over every address not be taken for an attack."""
    wide = dict.fromkeys(settings.RATE_LIMITS, (200_000, 3600))
    settings.RATE_LIMITS = wide | settings.SECURITY_LIMITS
    policies.default_policy.cache_clear()
    yield
    policies.default_policy.cache_clear()


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[World]]:
    """Make them in a transaction that is undone after the last test of the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield [build_world("Mine"), build_world("Zzyzx")]
        transaction.set_rollback(True)


@pytest.fixture
def mine(worlds: list[World]) -> Iterator[World]:
    """The organization that one acts for; whatever a test writes is undone."""
    with transaction.atomic():
        yield worlds[0]
        transaction.set_rollback(True)


@pytest.fixture
def theirs(worlds: list[World]) -> World:
    """The other one."""
    return worlds[1]


@pytest.fixture
def walker(mine: World, theirs: World) -> Client:
    """A client of somebody who owns both organizations and acts for mine."""
    membership = MembershipFactory(organization=mine.organization, role=Role.OWNER)
    MembershipFactory(
        organization=theirs.organization, role=Role.OWNER, user=membership.user
    )
    client = Client()
    client.force_login(membership.user)
    client.post(reverse("organizations:switch"), {"organization": mine.organization.pk})
    return client


class Undrawn:
    """Leaves pages undrawn, for walks that do not look at them.

    That they can be drawn is shown by those that do.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        response.content = b""
        return response


@pytest.fixture
def undrawn(settings: Any) -> None:
    """Draw no pages in this test."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.{Undrawn.__name__}"]
