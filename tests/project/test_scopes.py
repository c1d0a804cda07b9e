"""Every role against every address: open or refused as the table of roles says."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from employees.models import Employee
from organizations.roles import ROLE_SCOPES, SCOPES, Role
from tests.factories import MembershipFactory
from tests.project import routes as tables
from tests.project.routes import Route, all_routes
from tests.project.test_tenancy import address_of, id_in, send

pytestmark = pytest.mark.django_db

ROUTES = [route for route in all_routes() if route.name not in tables.OPEN]
REFUSED = 403


def address_in(world, route: Route) -> str:
    if route.name == "admin:app_list":
        return "/admin/employees/"
    return address_of(
        route,
        {name: id_in(route, world.rows[kind]) for name, kind in route.rows.items()},
    )


def may(role: Role, route: Route, scope: str | None) -> bool:
    """Say what the table of roles says; the admin asks for its own scope besides."""
    held = ROLE_SCOPES[role]
    in_admin = route.name.startswith("admin:")
    if in_admin and "admin:access" not in held:
        return False
    return scope is not None and (scope == "" or scope in held)


def methods(route: Route) -> list[tuple[str, str | None]]:
    """Return methods that read, write and delete, each with its scope."""
    reading, writing = route.scopes
    return [("get", reading), ("post", writing), *_deleting(route)]


def _deleting(route: Route) -> list[tuple[str, str | None]]:
    """Return the method that deletes, of routes that do so by it."""
    scope = tables.DELETE_SCOPES.get(route.name)
    return [("delete", scope)] if scope else []


def tried(client: Client, method: str, address: str) -> int:
    """Return the status of a request, and undo what it has written."""
    with transaction.atomic():
        status: int = send(client, method, address, {}).status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.long
@pytest.mark.parametrize("role", Role)
@pytest.mark.usefixtures("undrawn")
def test_roles_open_what_their_scopes_say(role, mine):
    membership = MembershipFactory(organization=mine.organization, role=role)
    client = Client()
    client.force_login(membership.user)
    wrong = []
    for route in ROUTES:
        for method, scope in methods(route):
            status = tried(client, method, address_in(mine, route))
            # 405: there is nothing to do by this method, whoever asks.
            if status != 405 and (status != REFUSED) != may(role, route, scope):
                wrong.append(f"{method} {route}: {status}, {scope}")
    assert wrong == []


def test_strangers_see_nothing(mine, client):
    shown = [
        f"{method} {route}: {status}"
        for route in ROUTES
        for method, _scope in methods(route)
        if (status := tried(client, method, address_in(mine, route))) not in {302, 401}
    ]

    assert shown == []


def test_every_scope_belongs_to_a_role_and_opens_something():
    held = {scope for scopes in ROLE_SCOPES.values() for scope in scopes}
    asked = {scope for route in ROUTES for _method, scope in methods(route) if scope}

    assert held == set(SCOPES)
    # Scopes that decide what shows and for whom, not which addresses open.
    assert set(SCOPES) - asked == {
        "employees:read_team",
        "employees:read_personal",
        "leave:approve_all",
        "attendance:approve_all",
    }


def test_no_role_but_the_owner_holds_everything():
    assert ROLE_SCOPES[Role.OWNER] == set(SCOPES)
    assert all(ROLE_SCOPES[role] < set(SCOPES) for role in Role if role != Role.OWNER)


def test_the_auditor_writes_nothing():
    assert {
        scope
        for scope in ROLE_SCOPES[Role.AUDITOR]
        if ":read" not in scope and scope != "admin:access"
    } == set()


@pytest.mark.parametrize("role", [Role.HR, Role.AUDITOR, Role.EMPLOYEE])
def test_autocomplete_offers_what_the_role_may_read(role, mine):
    membership = MembershipFactory(organization=mine.organization, role=role)
    client = Client()
    client.force_login(membership.user)
    query = {
        "app_label": "employees",
        "model_name": Employee._meta.model_name,
        "field_name": "manager",
    }

    status = client.get(reverse("admin:autocomplete"), query).status_code

    assert status == (200 if "admin:access" in ROLE_SCOPES[role] else REFUSED)
