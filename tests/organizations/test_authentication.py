"""Tokens and sessions: who gets in, and what ends it."""

from typing import Any

import pytest
from django.test import Client

from organizations.models import Membership
from organizations.problems import problem_type
from organizations.roles import ROLE_SCOPES, Role
from organizations.security import SecurityKind
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.factories.organizations import PASSWORD
from tests.organizations.logins import (
    ENDINGS,
    ME,
    REFRESH,
    REVOKE,
    TOKEN,
    bearer,
    call,
    claims_of,
    end_membership,
    headers_of,
    log_in,
    post,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def membership() -> Membership:
    member: Membership = MembershipFactory(role=Role.HR)
    return member


def test_a_password_gives_tokens_that_stand_for_the_member(
    membership: Membership,
) -> None:
    response = post(TOKEN, email=membership.user.email.upper(), password=PASSWORD)

    assert response.status_code == 200
    assert set(response.json()) == {
        "access",
        "refresh",
        "expires_in",
        "refresh_expires_in",
    }
    assert response.json()["expires_in"] == 10 * 60
    assert 7 * 86400 - 2 <= response.json()["refresh_expires_in"] <= 7 * 86400
    assert response["Cache-Control"] == "no-store"
    me = call(response.json()["access"]).json()
    assert me["user"] == str(membership.user_id)
    assert me["organization"] == str(membership.organization_id)
    assert me["role"] == "hr"
    assert me["scopes"] == sorted(ROLE_SCOPES[Role.HR])


def test_the_token_says_for_whom_it_is_by_whom_and_what_it_is(
    membership: Membership, settings: Any
) -> None:
    tokens = log_in(membership)

    for token, kind in ((tokens["access"], "at+jwt"), (tokens["refresh"], "rt+jwt")):
        claims, headers = claims_of(token), headers_of(token)
        assert set(headers) == {"alg", "kid", "typ"}
        assert (headers["alg"], headers["typ"]) == ("ES256", kind)
        assert claims["iss"] == settings.PUBLIC_URL
        assert claims["aud"] == "people-hr-api"
        assert claims["sub"] == str(membership.user_id)
        assert claims["org"] == str(membership.organization_id)
        assert claims["sid"] == str(membership.token_families.get().pk)
        assert {"jti", "iat", "exp", "token_type"} <= set(claims)
        assert len(claims) == 9


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_told_in_any_case(membership: Membership, scheme: str) -> None:
    assert call(log_in(membership)["access"], scheme).status_code == 200


def test_a_token_costs_one_query(
    membership: Membership, django_assert_num_queries: Any
) -> None:
    access = log_in(membership)["access"]

    for _time in ("verified", "remembered"):
        with django_assert_num_queries(1):
            response = Client().get("/api/v1/organization/", headers=bearer(access))

    assert response.json()["id"] == str(membership.organization_id)


@pytest.mark.parametrize(
    "password", ["wrong", "", "Correct horse battery", f" {PASSWORD}"]
)
def test_a_wrong_password_is_refused(membership: Membership, password: str) -> None:
    response = post(TOKEN, email=membership.user.email, password=password)

    assert response.status_code == (401 if password else 400)
    assert response["Content-Type"] == "application/problem+json"
    if password:
        assert response["WWW-Authenticate"].startswith("Bearer")
        assert response.json()["type"] == problem_type("invalid_credentials")


def test_an_unknown_address_and_a_wrong_password_answer_the_same(
    membership: Membership,
) -> None:
    unknown = post(TOKEN, email="nobody@example.com", password=PASSWORD)
    wrong = post(TOKEN, email=membership.user.email, password="wrong")

    ours = {"request_id": None}  # of each request its own
    assert unknown.json() | ours == wrong.json() | ours


def test_five_wrong_passwords_make_the_right_one_wait(membership: Membership) -> None:
    for _attempt in range(5):
        assert (
            post(TOKEN, email=membership.user.email, password="wrong").status_code
            == 401
        )

    response = post(TOKEN, email=membership.user.email, password=PASSWORD)

    assert response.status_code == 429
    assert response.json()["type"] == problem_type("too_many_attempts")
    assert int(response["Retry-After"]) == 300
    other = MembershipFactory()
    assert post(TOKEN, email=other.user.email, password=PASSWORD).status_code == 200


def test_wrong_passwords_at_the_login_page_count_as_well(
    membership: Membership,
) -> None:
    for _attempt in range(5):
        Client().post(
            "/account/login/", {"login": membership.user.email, "password": "wrong"}
        )

    response = post(TOKEN, email=membership.user.email, password=PASSWORD)

    assert response.status_code == 429


def test_a_member_of_several_organizations_names_one(membership: Membership) -> None:
    second = MembershipFactory(user=membership.user, role=Role.AUDITOR)
    who = {"email": membership.user.email, "password": PASSWORD}

    unnamed = post(TOKEN, **who)
    assert unnamed.status_code == 400
    error = unnamed.json()["errors"][0]
    assert (error["field"], error["code"]) == ("organization", "choose")
    assert membership.organization.slug in error["message"]
    assert second.organization.slug in error["message"]

    for name in (second.organization.slug, str(second.organization_id)):
        access = post(TOKEN, **who, organization=name).json()["access"]
        assert call(access).json()["role"] == "auditor"
    stranger = OrganizationFactory()
    assert post(TOKEN, **who, organization=stranger.slug).status_code == 400


def test_a_user_without_a_membership_gets_no_token() -> None:
    user = UserFactory()

    response = post(TOKEN, email=user.email, password=PASSWORD)

    assert response.status_code == 403
    assert response.json()["type"] == problem_type("no_membership")


def test_an_inactive_user_gets_no_token(membership: Membership) -> None:
    membership.user.is_active = False
    membership.user.save()

    response = post(TOKEN, email=membership.user.email, password=PASSWORD)

    assert response.status_code == 401


@pytest.mark.parametrize("end", ENDINGS)
def test_what_ends_a_login_ends_its_tokens_at_once(
    membership: Membership, end: Any
) -> None:
    tokens = log_in(membership)
    assert call(tokens["access"]).status_code == 200

    end(membership)

    refused = call(tokens["access"])
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"].startswith("Bearer")
    assert post(REFRESH, refresh=tokens["refresh"]).status_code == 401
    assert post(REVOKE, refresh=tokens["refresh"]).status_code == 204


@pytest.mark.parametrize("end", ENDINGS)
def test_what_ends_a_login_ends_its_session_at_once(
    member_client: Any, end: Any
) -> None:
    # A colleague, so that the last owner does not have to go.
    browser = member_client(Role.HR)
    assert browser.get(ME).status_code == 200

    end(browser.membership)

    # A user who is logged in but a member nowhere is known, and may nothing.
    is_still_known = end in (end_membership, ENDINGS[3])
    assert browser.get(ME).status_code == (403 if is_still_known else 401)
    assert browser.get("/").status_code == 302


def test_a_membership_that_comes_back_does_not_bring_tokens_back(
    membership: Membership,
) -> None:
    access = log_in(membership)["access"]
    end_membership(membership)
    MembershipFactory(organization=membership.organization, user=membership.user)

    assert call(access).status_code == 401


def test_a_changed_role_is_felt_at_once(
    membership: Membership, member_client: Any
) -> None:
    tokens = log_in(membership)
    browser = Client()
    browser.force_login(membership.user)
    assert browser.get(ME).json()["role"] == "hr"
    Membership.objects.filter(pk=membership.pk).update(role=Role.EMPLOYEE)

    assert call(tokens["access"]).json()["role"] == "employee"
    assert browser.get(ME).json()["role"] == "employee"


def test_logging_in_is_told_and_so_is_not_getting_in(
    membership: Membership, security_events: list[Any]
) -> None:
    who = {"email": membership.user.email.upper(), "password": "wrong"}
    for _attempt in range(6):
        post(TOKEN, **who)
    failed = [event for event in security_events if "email" in event.details]
    assert [event.kind for event in failed] == (
        [SecurityKind.LOGIN_FAILED] * 5 + [SecurityKind.LOGIN_FAILED_TOO_OFTEN]
    )
    assert {event.details["email"] for event in failed} == {membership.user.email}
    assert {event.address for event in failed} == {"127.0.0.1"}
    security_events.clear()

    other = MembershipFactory()
    log_in(other)

    created, succeeded = security_events
    assert created.kind == SecurityKind.TOKEN_CREATED
    assert created.subject == f"session:{other.token_families.get().pk}"
    assert succeeded.kind == SecurityKind.LOGIN_SUCCEEDED
    for event in (created, succeeded):
        assert event.organization_id == other.organization_id
        assert (event.actor_type, event.actor_id) == ("user", str(other.user_id))
    assert "wrong" not in repr(failed)


def test_strangers_are_asked_who_they_are() -> None:
    for authorization in (None, "Basic dXNlcjpwYXNz", "Bearer"):
        headers = {"Authorization": authorization} if authorization else {}
        response = Client().get(ME, headers=headers)
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == (
            'Bearer realm="People HR", resource_metadata='
            '"http://127.0.0.1:8000/.well-known/oauth-protected-resource"'
        )
        assert response["Content-Type"] == "application/problem+json"


def test_a_session_reads_and_writes_with_a_csrf_token(member_client: Any) -> None:
    membership = member_client(Role.HR).membership
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(membership.user)
    path, body = "/api/v1/departments/", {"name": "Engineering"}

    assert browser.get(path).status_code == 200
    refused = browser.post(path, body, content_type="application/json")
    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"

    browser.cookies["csrftoken"] = token = "a" * 32
    accepted = browser.post(
        path, body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert accepted.status_code == 201


def test_a_session_of_a_user_without_membership_is_told_so() -> None:
    browser = Client()
    browser.force_login(UserFactory())

    response = browser.get(ME)

    assert response.status_code == 403
    assert response.json()["type"] == problem_type("no_membership")
