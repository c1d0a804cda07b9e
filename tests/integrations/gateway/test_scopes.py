"""Every address of the API says which scope opens it, to whoever lacks it."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import get_resolver
from rest_framework.views import APIView

from integrations.gateway.authentication import GatewayAuthentication
from organizations.access import OrganizationAccess
from organizations.models import Membership
from organizations.permissions import HasScope, scope_asked
from organizations.roles import SCOPES
from tests.integrations.gateway.conftest import by_key
from tests.project.routes import OPEN_VIEWS, Route, all_routes

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: Held by the callers of this test, and asked for by no address of the API alone.
HELD = "employees:read_team"


def view_of(route: Route) -> Any:
    """Return the class behind an address, None for what is no view of the API."""
    match = get_resolver().resolve(address_of(route))
    return getattr(match.func, "cls", None)


def address_of(route: Route) -> str:
    return route.address(dict.fromkeys(route.parameters, str(uuid4())))


API = [route for route in all_routes() if route.name.startswith("api:")]


def test_every_view_of_the_api_is_behind_the_door_or_open_on_purpose() -> None:
    views = {view_of(route) for route in API}

    without_door = {
        view.__name__
        for view in views
        if GatewayAuthentication not in view.authentication_classes
    }

    assert all(issubclass(view, APIView) for view in views)
    assert without_door == OPEN_VIEWS


def asked_of(route: Route) -> list[tuple[str, str]]:
    """Return the methods that an address answers, each with the scope it asks for."""
    match = get_resolver().resolve(address_of(route))
    view = view_of(route)
    if HasScope not in view.permission_classes:
        return []
    actions = getattr(match.func, "actions", None)
    initkwargs = getattr(match.func, "initkwargs", {})
    answered = actions or {name for name in METHODS if hasattr(view, name.lower())}
    made = view(**initkwargs)
    found = []
    for method in METHODS:
        if method.lower() in answered or method in answered:
            made.action = (actions or {}).get(method.lower())
            scope = scope_asked(made, method)
            assert scope in SCOPES, f"{method} {route} declares no scope"
            found.append((method, scope))
    return found


@pytest.mark.django_db
@pytest.mark.usefixtures("wide_limits")
def test_a_refusal_names_the_scope_that_is_missing(membership: Membership) -> None:
    caller = by_key(membership, scopes=[HELD])
    wrong, walked = [], 0
    for route in API:
        for method, scope in asked_of(route):
            if scope == HELD:
                continue
            walked += 1
            response = caller.client.generic(
                method, address_of(route), b"{}", content_type="application/json"
            )
            said = response.json().get("missing_scope")
            if (response.status_code, said) != (403, scope):
                wrong.append(f"{method} {route}: {response.status_code} {said}")
    assert wrong == []
    assert walked > 80


def test_an_access_without_scopes_allows_nothing() -> None:
    from organizations.models import Organization

    access = OrganizationAccess(Organization())

    assert not any(access.allows(scope) for scope in SCOPES)
