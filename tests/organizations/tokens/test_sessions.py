"""One's own sessions of the API: seen, and ended at once."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from organizations.access import Credential, CredentialKind, OrganizationAccess
from organizations.models import Membership
from organizations.problems import problem_type
from organizations.roles import Role
from organizations.security import SecurityKind
from organizations.tokens import access_of
from tests.factories import MembershipFactory
from tests.organizations.logins import (
    SESSIONS,
    bearer,
    call,
    change_password,
    claims_of,
    log_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def membership() -> Membership:
    member: Membership = MembershipFactory(role=Role.EMPLOYEE)
    return member


def sessions(access: str) -> list[dict[str, Any]]:
    response = Client().get(SESSIONS, headers=bearer(access))
    assert response.status_code == 200
    listed: list[dict[str, Any]] = response.json()["results"]
    return listed


def end(access: str, session: str = "") -> int:
    address = f"{SESSIONS}{session}/" if session else SESSIONS
    return Client().delete(address, headers=bearer(access)).status_code


def test_the_credential_of_a_token_is_its_session(membership: Membership) -> None:
    access = log_in(membership)["access"]

    session = str(membership.token_families.get().pk)
    assert access_of(access).credential == Credential(CredentialKind.TOKEN, session)


@pytest.mark.parametrize("count", [1, 3])
def test_one_sees_ones_own_sessions(
    membership: Membership, count: int, django_assert_num_queries: Any
) -> None:
    begun = timezone.now()
    tokens = [log_in(membership, agent=f"app/{number}") for number in range(count)]
    log_in(MembershipFactory(organization=membership.organization))

    with django_assert_num_queries(2):
        listed = sessions(tokens[0]["access"])

    assert [session["agent"] for session in listed] == [
        f"app/{number}" for number in reversed(range(count))
    ]
    first = listed[-1]
    assert first["id"] == claims_of(tokens[0]["access"])["sid"]
    assert first["address"] == "127.0.0.1"
    assert first["created_at"] > begun.isoformat()[:19]
    assert [session["is_current"] for session in listed] == (
        [False] * (count - 1) + [True]
    )
    assert set(first) == {
        "id",
        "agent",
        "address",
        "created_at",
        "last_used_at",
        "expires_at",
        "is_current",
    }


def test_one_session_is_ended_at_once(
    membership: Membership, security_events: list[Any]
) -> None:
    mine, other = log_in(membership)["access"], log_in(membership)["access"]
    security_events.clear()

    assert end(mine, claims_of(other)["sid"]) == 204

    assert call(other).status_code == 401
    assert call(mine).status_code == 200
    told, refused = security_events
    assert refused.kind == SecurityKind.CREDENTIAL_REFUSED
    assert (told.kind, told.reason) == (SecurityKind.TOKEN_REVOKED, "ended_by_owner")
    assert end(mine, claims_of(other)["sid"]) == 404


def test_ending_ones_own_session_is_logging_out(membership: Membership) -> None:
    access = log_in(membership)["access"]

    assert end(access, claims_of(access)["sid"]) == 204

    assert call(access).status_code == 401


def test_all_other_sessions_are_ended_at_once(membership: Membership) -> None:
    mine, *others = (log_in(membership)["access"] for _number in range(3))
    colleague = log_in(MembershipFactory(organization=membership.organization))

    assert end(mine) == 204

    assert call(mine).status_code == 200
    assert [call(other).status_code for other in others] == [401, 401]
    assert call(colleague["access"]).status_code == 200


def test_nobody_ends_anothers_session(membership: Membership) -> None:
    mine = log_in(membership)["access"]
    owner = MembershipFactory(organization=membership.organization, role=Role.OWNER)
    for theirs in (owner, MembershipFactory()):
        access = log_in(theirs)["access"]
        assert end(mine, claims_of(access)["sid"]) == 404
        assert call(access).status_code == 200
    assert end(mine, "nonsense") == 404


def test_a_session_elsewhere_of_the_same_person_is_out_of_reach(
    membership: Membership,
) -> None:
    mine = log_in(membership)["access"]
    elsewhere = log_in(MembershipFactory(user=membership.user))["access"]

    assert len(sessions(mine)) == 1
    assert end(mine, claims_of(elsewhere)["sid"]) == 404
    assert end(mine) == 204
    assert call(elsewhere).status_code == 200


def test_sessions_that_a_changed_password_has_ended_are_not_shown(
    membership: Membership,
) -> None:
    log_in(membership)
    change_password(membership)
    browser = Client()
    browser.force_login(membership.user)

    assert browser.get(SESSIONS).json() == {"results": []}


def test_a_session_of_the_pages_ends_all_of_the_api(membership: Membership) -> None:
    access = log_in(membership)["access"]
    browser = Client()
    browser.force_login(membership.user)
    assert [row["is_current"] for row in browser.get(SESSIONS).json()["results"]] == [
        False
    ]

    assert browser.delete(SESSIONS).status_code == 204

    assert call(access).status_code == 401
    assert browser.get(SESSIONS).status_code == 200


@pytest.mark.parametrize("kind", [CredentialKind.API_KEY, CredentialKind.OAUTH])
def test_keys_and_apps_do_not_see_logins(membership: Membership, kind: Any) -> None:
    from rest_framework.test import APIRequestFactory, force_authenticate

    from organizations.api import TokenSessionsView

    access = OrganizationAccess.of(membership, Credential(kind, "x"))
    for method in ("get", "delete"):
        request = getattr(APIRequestFactory(), method)(SESSIONS)
        force_authenticate(request, membership.user, access)
        response = TokenSessionsView.as_view()(request)
        assert response.status_code == 403
        assert response.data["type"] == problem_type("not_a_login")
