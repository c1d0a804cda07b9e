"""Tokens and sessions: who gets in, and what ends it."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from organizations.models import Membership, TokenFamily
from organizations.roles import ROLE_SCOPES, Role
from organizations.services import remove_member
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.factories.organizations import PASSWORD

pytestmark = pytest.mark.django_db

ME = "/api/v1/me/"
TOKEN = "/api/v1/auth/token/"
REFRESH = "/api/v1/auth/token/refresh/"
REVOKE = "/api/v1/auth/token/revoke/"


@pytest.fixture
def membership() -> Membership:
    member: Membership = MembershipFactory(role=Role.HR)
    return member


def post(path: str, **body: Any) -> Any:
    return Client().post(path, body, content_type="application/json")


def log_in(membership: Membership) -> dict[str, Any]:
    response = post(TOKEN, email=membership.user.email, password=PASSWORD)
    assert response.status_code == 200
    tokens: dict[str, Any] = response.json()
    return tokens


def call(access: str, scheme: str = "Bearer") -> Any:
    return Client().get(ME, headers={"Authorization": f"{scheme} {access}"})


def test_a_password_gives_tokens_that_stand_for_the_member(
    membership: Membership,
) -> None:
    response = post(TOKEN, email=membership.user.email.upper(), password=PASSWORD)

    assert response.status_code == 200
    assert set(response.json()) == {"access", "refresh", "expires_in"}
    assert response.json()["expires_in"] == 15 * 60
    assert response["Cache-Control"] == "no-store"
    me = call(response.json()["access"]).json()
    assert me["user"] == str(membership.user_id)
    assert me["organization"] == str(membership.organization_id)
    assert me["role"] == "hr"
    assert me["scopes"] == sorted(ROLE_SCOPES[Role.HR])


def test_the_token_names_user_and_organization(membership: Membership) -> None:
    claims = jwt.decode(log_in(membership)["access"], settings.SECRET_KEY, ["HS256"])

    assert claims["user"] == str(membership.user_id)
    assert claims["organization"] == str(membership.organization_id)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_told_in_any_case(membership: Membership, scheme: str) -> None:
    assert call(log_in(membership)["access"], scheme).status_code == 200


def test_a_token_costs_one_query(
    membership: Membership, django_assert_num_queries: Any
) -> None:
    access = log_in(membership)["access"]

    with django_assert_num_queries(1):
        response = Client().get(
            "/api/v1/organization/", headers={"Authorization": f"Bearer {access}"}
        )

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
        assert response.json()["type"] == "urn:people-hr:problem:invalid_credentials"


def test_an_unknown_address_and_a_wrong_password_answer_the_same(
    membership: Membership,
) -> None:
    unknown = post(TOKEN, email="nobody@example.com", password=PASSWORD)
    wrong = post(TOKEN, email=membership.user.email, password="wrong")

    ids = {unknown.json()["request_id"], wrong.json()["request_id"]}
    assert len(ids) == 2
    assert {*unknown.json().items()} ^ {*wrong.json().items()} == {
        ("request_id", each) for each in ids
    }


def test_five_wrong_passwords_make_the_right_one_wait(membership: Membership) -> None:
    for _attempt in range(5):
        assert (
            post(TOKEN, email=membership.user.email, password="wrong").status_code
            == 401
        )

    response = post(TOKEN, email=membership.user.email, password=PASSWORD)

    assert response.status_code == 429
    assert response.json()["type"] == "urn:people-hr:problem:too_many_attempts"
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
    assert response.json()["type"] == "urn:people-hr:problem:no_membership"


def test_an_inactive_user_gets_no_token(membership: Membership) -> None:
    membership.user.is_active = False
    membership.user.save()

    response = post(TOKEN, email=membership.user.email, password=PASSWORD)

    assert response.status_code == 401


def _deactivate(membership: Membership) -> None:
    membership.user.is_active = False
    membership.user.save()


def _end_membership(membership: Membership) -> None:
    remove_member(membership)


def _close(membership: Membership) -> None:
    membership.organization.closed_at = timezone.now()
    membership.organization.save()


def _change_password(membership: Membership) -> None:
    membership.user.set_password("another horse battery")
    membership.user.save()


@pytest.mark.parametrize(
    "end", [_deactivate, _end_membership, _close, _change_password]
)
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


def test_a_changed_role_is_felt_at_once(membership: Membership) -> None:
    tokens = log_in(membership)
    Membership.objects.filter(pk=membership.pk).update(role=Role.EMPLOYEE)

    assert call(tokens["access"]).json()["role"] == "employee"


def test_a_refresh_token_gives_the_next_pair(membership: Membership) -> None:
    first = log_in(membership)

    second = post(REFRESH, refresh=first["refresh"]).json()

    assert second["refresh"] != first["refresh"]
    assert call(second["access"]).status_code == 200
    assert post(REFRESH, refresh=second["refresh"]).status_code == 200
    assert TokenFamily.objects.count() == 1


def test_a_replayed_refresh_token_ends_the_whole_family(
    membership: Membership,
) -> None:
    other = log_in(membership)
    first = log_in(membership)
    second = post(REFRESH, refresh=first["refresh"]).json()

    replayed = post(REFRESH, refresh=first["refresh"])

    assert replayed.status_code == 401
    assert post(REFRESH, refresh=second["refresh"]).status_code == 401
    assert call(second["access"]).status_code == 401
    assert call(first["access"]).status_code == 401
    assert call(other["access"]).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_one_refresh_token_used_twice_at_once_gives_one_pair_at_most(
    membership: Membership,
) -> None:
    tokens = log_in(membership)

    def refresh(_number: int) -> int:
        try:
            status: int = post(REFRESH, refresh=tokens["refresh"]).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(refresh, range(4)))

    assert statuses == [200, 401, 401, 401]
    assert not TokenFamily.objects.exists()


def test_logging_out_ends_both_tokens(membership: Membership) -> None:
    tokens = log_in(membership)

    assert post(REVOKE, refresh=tokens["refresh"]).status_code == 204

    assert call(tokens["access"]).status_code == 401
    assert post(REFRESH, refresh=tokens["refresh"]).status_code == 401


def test_tokens_expire_and_refreshing_does_not_put_the_end_off(
    membership: Membership,
) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        tokens = log_in(membership)
        clock.shift(dt.timedelta(minutes=15))
        assert call(tokens["access"]).status_code == 401
        clock.move_to(start + dt.timedelta(days=6, hours=23))
        tokens = post(REFRESH, refresh=tokens["refresh"]).json()
        assert call(tokens["access"]).status_code == 200
        clock.move_to(start + dt.timedelta(days=7, seconds=1))
        assert post(REFRESH, refresh=tokens["refresh"]).status_code == 401
        assert call(tokens["access"]).status_code == 401
        log_in(membership)
    assert TokenFamily.objects.count() == 1  # the expired one is gone


def forged(membership: Membership) -> Iterator[str]:
    """Yield tokens that look right and are not ours."""
    tokens = log_in(membership)
    claims = jwt.decode(tokens["access"], settings.SECRET_KEY, ["HS256"])
    key = settings.SECRET_KEY
    yield ""
    yield "nonsense"
    yield "a.b.c"
    yield "ä.ö.ü"
    yield tokens["refresh"]
    yield tokens["access"][:-2]
    yield jwt.encode(claims, "another-key-that-is-long-enough-for-it", "HS256")
    yield jwt.encode(claims, None, "none")
    yield jwt.encode(claims | {"family": "x"}, key, "HS256")
    yield jwt.encode(claims | {"family": 1}, key, "HS256")
    yield jwt.encode(claims | {"family": str(membership.pk)}, key, "HS256")
    yield jwt.encode(claims | {"exp": 1}, key, "HS256")
    yield jwt.encode({k: v for k, v in claims.items() if k != "exp"}, key, "HS256")


def test_forged_tokens_are_refused(membership: Membership) -> None:
    for token in forged(membership):
        response = Client().get(
            ME, headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")}
        )
        assert response.status_code == 401, token
        assert post(REFRESH, refresh=token or "x").status_code in (200, 401), token


def test_strangers_are_asked_who_they_are() -> None:
    for authorization in (None, "Basic dXNlcjpwYXNz", "Bearer"):
        headers = {"Authorization": authorization} if authorization else {}
        response = Client().get(ME, headers=headers)
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == 'Bearer realm="People HR"'
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
    assert response.json()["type"] == "urn:people-hr:problem:no_membership"


def test_a_token_decides_also_where_there_is_a_session(member_client: Any) -> None:
    browser = member_client(Role.OWNER)
    token = log_in(MembershipFactory(role=Role.EMPLOYEE))["access"]

    me = browser.get(ME, headers={"Authorization": f"Bearer {token}"}).json()

    assert me["role"] == "employee"
    assert me["organization"] != str(browser.membership.organization_id)
    assert browser.get(ME).json()["role"] == "owner"
