"""Two organizations with one row of everything, made once for a walk."""

import copy
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import reverse

from organizations.roles import Role
from tests.factories import MembershipFactory
from tests.project.world import World, build_world


@pytest.fixture(autouse=True)
def _wide_limits(wide_limits: None) -> None:
    """Walk without an end."""


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[World]]:
    """Make them in a transaction that is undone after the last test of the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        worlds = [build_world("Mine"), build_world("Zzyzx")]
        connection.check_constraints()  # once, not again after each test
        yield worlds
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


@pytest.fixture(scope="module")
def walkers_login(worlds: list[World], django_db_blocker: Any) -> SimpleCookie:
    """Let somebody in who owns both organizations and acts for mine."""
    mine, theirs = worlds
    with django_db_blocker.unblock():
        membership = MembershipFactory(organization=mine.organization, role=Role.OWNER)
        MembershipFactory(
            organization=theirs.organization, role=Role.OWNER, user=membership.user
        )
        client = Client()
        client.force_login(membership.user)
        chosen = {"organization": mine.organization.pk}
        client.post(reverse("organizations:switch"), chosen)
    return client.cookies


@pytest.fixture
def walker(mine: World, walkers_login: SimpleCookie) -> Client:
    """Their browser; what it does in a test is undone."""
    client = Client()
    client.cookies = copy.deepcopy(walkers_login)
    return client


class Undrawn:
    """Leaves undrawn what answers a write, for walks that look at its status or rows.

    That it can be drawn is shown by walks that look at what it says.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        if request.method != "GET":
            response.content = b""
        return response


@pytest.fixture
def undrawn(settings: Any) -> None:
    """Draw no answers to writes in this test."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.{Undrawn.__name__}"]
