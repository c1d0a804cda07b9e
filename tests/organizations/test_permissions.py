"""Closed by default: a view says which scope opens it."""

from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import get_resolver
from rest_framework.request import Request
from rest_framework.views import APIView

from organizations.access import OrganizationAccess
from organizations.models import Organization
from organizations.permissions import HasScope, MissingScope
from organizations.roles import SCOPES
from people_hr.api import router
from tests.project.routes import OPEN_VIEWS

WRITES = {"post", "put", "patch", "delete"}


def request(method: str, access: OrganizationAccess | None) -> Request:
    made = Request(RequestFactory().generic(method, "/"))
    made.auth = access
    return made


class Answering(APIView):
    """Has every method that is asked for."""

    def answer(self, request: Request) -> None:
        """Nothing: permissions are asked before."""

    get = post = delete = answer


class Open(Answering):
    read_scope = "employees:read"
    write_scope = "employees:write"
    delete_scope = "employees:delete"


class Undeclared(Answering):
    """Forgot to say."""


@pytest.mark.parametrize(
    ("method", "scope", "is_allowed"),
    [
        ("GET", "employees:read", True),
        ("HEAD", "employees:read", True),
        ("GET", "employees:write", False),
        ("POST", "employees:write", True),
        ("POST", "employees:read", False),
        ("DELETE", "employees:read", False),
        ("DELETE", "employees:write", False),
        ("DELETE", "employees:delete", True),
    ],
)
def test_a_scope_opens_what_it_is_for(
    method: str, scope: str, is_allowed: bool
) -> None:
    access = OrganizationAccess(Organization(), scopes=frozenset({scope}))
    asked = request(method, access)

    if is_allowed:
        assert HasScope().has_permission(asked, Open())
    else:
        with pytest.raises(MissingScope) as refusal:
            HasScope().has_permission(asked, Open())
        assert refusal.value.scope != scope
        assert refusal.value.scope in str(refusal.value.detail)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_view_without_a_scope_is_closed_to_all(method: str) -> None:
    everything = OrganizationAccess(Organization(), scopes=frozenset(SCOPES))

    assert not HasScope().has_permission(request(method, everything), Undeclared())
    assert not HasScope().has_permission(request(method, None), Open())


@pytest.mark.parametrize("viewset", [viewset for _, viewset, _ in router.registry])
def test_every_resource_asks_for_scopes_that_exist(viewset: Any) -> None:
    assert viewset.permission_classes == [HasScope]
    assert viewset.read_scope in SCOPES
    writes = {"create", "update", "destroy", "retry"} & set(dir(viewset))
    assert not writes or viewset.write_scope in SCOPES
    assert not hasattr(viewset, "destroy") or viewset.delete_scope in SCOPES


def test_every_other_view_asks_for_a_scope_or_is_open_on_purpose() -> None:
    found = set()

    def look(resolver: Any) -> None:
        for entry in resolver.url_patterns:
            if hasattr(entry, "url_patterns"):
                look(entry)
            elif view := getattr(entry.callback, "cls", None):
                asks = HasScope in view.permission_classes
                assert asks is (getattr(view, "read_scope", None) in SCOPES), view
                if not asks:
                    found.add(view.__name__)

    look(get_resolver("people_hr.api"))

    assert found == OPEN_VIEWS
