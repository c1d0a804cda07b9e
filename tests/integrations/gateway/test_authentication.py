"""One check for every credential: who it is, and whether that is still so."""

import itertools
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.api_keys import verification
from organizations.models import Membership
from organizations.problems import problem_type
from organizations.roles import Role
from organizations.services import change_role, remove_member
from tests.factories import EmployeeFactory, MembershipFactory
from tests.factories.api_keys import ApiKeyFactory
from tests.integrations.gateway.conftest import (
    EMPLOYEES,
    WAYS,
    Showing,
    by_app,
    by_key,
    by_token,
)

pytestmark = pytest.mark.django_db


def test_every_kind_of_credential_sees_its_organization_alone(showing: Showing) -> None:
    mine = EmployeeFactory(organization=showing.membership.organization)
    EmployeeFactory()  # another organization's, which could leak

    response = showing.get()

    assert response.status_code == HTTPStatus.OK
    assert [row["id"] for row in response.json()["results"]] == [str(mine.pk)]


def deactivate(membership: Membership) -> None:
    membership.user.is_active = False
    membership.user.save()


def close(membership: Membership) -> None:
    membership.organization.closed_at = timezone.now()
    membership.organization.save()


def leave(membership: Membership) -> None:
    MembershipFactory(organization=membership.organization, role=Role.OWNER)
    remove_member(membership)


def delete(membership: Membership) -> None:
    """The user is gone wholly, as an operator in a shell may do it."""
    from integrations.api_keys.models import ApiKey

    user = membership.user
    leave(membership)
    ApiKey._base_manager.filter(owner=user).delete()
    user.delete()


def _let_rows_grow_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key's row is believed for a second: let that second be over."""
    monkeypatch.setattr(verification, "SNAPSHOT_SECONDS", 0)


@pytest.mark.parametrize("end", [deactivate, close, leave, delete])
def test_what_ends_a_member_ends_every_credential_at_the_next_request(
    showing: Showing, end: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert showing.get().status_code == HTTPStatus.OK

    end(showing.membership)
    _let_rows_grow_old(monkeypatch)

    refused = {HTTPStatus.UNAUTHORIZED}
    if showing.kind == "session":  # known still, but a member of nothing open
        refused.add(HTTPStatus.FORBIDDEN)
    assert showing.get().status_code in refused


def test_another_role_holds_at_the_next_request(
    showing: Showing, monkeypatch: pytest.MonkeyPatch
) -> None:
    MembershipFactory(organization=showing.membership.organization, role=Role.OWNER)
    if showing.kind == "api_key":
        showing.row.scopes = ["employees:read", "members:read"]
        showing.row.save()
    assert showing.get("/api/v1/members/").status_code == HTTPStatus.OK

    change_role(showing.membership, Role.EMPLOYEE)
    _let_rows_grow_old(monkeypatch)

    response = showing.get("/api/v1/members/")
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert response.json()["missing_scope"] == "members:read"


def test_another_password_ends_each_kind(
    showing: Showing, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert showing.get().status_code == HTTPStatus.OK

    showing.membership.user.set_password("another one altogether")
    showing.membership.user.save()
    _let_rows_grow_old(monkeypatch)

    assert showing.get().status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("kinds", list(itertools.combinations(sorted(WAYS), 2)))
def test_two_credentials_are_refused_and_neither_is_used(
    kinds: tuple[str, str], membership: Membership
) -> None:
    client = Client()
    shown: dict[str, list[str]] = {}
    for kind in kinds:
        if kind == "session":
            client.force_login(membership.user)
        for name, text in WAYS[kind](membership).headers.items():
            shown.setdefault(name, []).append(text)
    # A header that comes twice is joined by the server (RFC 9110, section 5.3).
    headers = {name: ", ".join(texts) for name, texts in shown.items()}

    response = client.get(EMPLOYEES, headers=headers)

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.json()["type"] == problem_type("two_credentials")
    assert "Send one" in response.json()["detail"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
@pytest.mark.parametrize("way", [by_token, by_app])
def test_the_scheme_is_told_in_any_case(
    way: Any, scheme: str, membership: Membership
) -> None:
    token = way(membership).row

    answer = Client().get(EMPLOYEES, headers={"Authorization": f"{scheme} {token}"})

    assert answer.status_code == HTTPStatus.OK


def test_the_header_of_a_proxy_is_no_credential(showing: Showing) -> None:
    if "Authorization" in showing.headers:
        return  # there is one header, and the token has it

    answer = showing.get(Authorization="Basic cHJveHk6c2VjcmV0")

    assert answer.status_code == HTTPStatus.OK


def without_ids(response: Any) -> dict[str, Any]:
    return {k: said for k, said in response.json().items() if k != "request_id"}


def test_bad_keys_of_every_kind_get_the_same_answer(membership: Membership) -> None:
    now = timezone.now()
    made = {"organization": membership.organization, "owner": membership.user}
    right = ApiKeyFactory(**made)
    shown = {
        "malformed": "phr_live_x",
        "unknown": _remade("A" * 12, "B" * 32),
        "wrong": _remade(right.key_id, "B" * 32),
        "revoked": ApiKeyFactory(**made, revoked_at=now).text,
        "expired": ApiKeyFactory(**made, expires_at=now).text,
        "disabled": ApiKeyFactory(**made, is_enabled=False).text,
        "frozen": ApiKeyFactory(**made, frozen_at=now).text,
    }

    answers = {
        name: Client().get(EMPLOYEES, headers={"X-API-Key": text})
        for name, text in shown.items()
    }

    first = answers["unknown"]
    assert first.status_code == HTTPStatus.UNAUTHORIZED
    assert first["WWW-Authenticate"] == 'ApiKey realm="People HR"'
    for name, answer in answers.items():
        assert answer.status_code == first.status_code, name
        assert without_ids(answer) == without_ids(first), name
        assert answer["WWW-Authenticate"] == first["WWW-Authenticate"], name


def _remade(key_id: str, secret: str) -> str:
    from integrations.api_keys import keys

    start = f"phr_live_{key_id}_{secret}"
    return start + keys.checksum(start)


@pytest.mark.parametrize(
    ("networks", "status"),
    [
        (["127.0.0.0/8"], HTTPStatus.OK),
        (["203.0.113.0/24"], HTTPStatus.FORBIDDEN),
        (["::ffff:127.0.0.1/128"], HTTPStatus.OK),
        (["2001:db8::/32"], HTTPStatus.FORBIDDEN),
    ],
)
def test_a_good_key_from_elsewhere_is_told_so(
    membership: Membership, networks: list[str], status: HTTPStatus
) -> None:
    from integrations.api_keys.networks import normalize

    key = by_key(membership, networks=normalize(networks))

    for _again in range(2):  # cold, then known by heart
        response = key.get()
        assert response.status_code == status
    if status == HTTPStatus.FORBIDDEN:
        assert response.json()["type"] == problem_type("address_not_allowed")


def test_a_forged_forwarding_header_moves_nobody(membership: Membership) -> None:
    key = by_key(membership, networks=["203.0.113.0/24"])

    response = key.get(**{"X-Forwarded-For": "203.0.113.7"})

    assert response.status_code == HTTPStatus.FORBIDDEN


def test_strangers_are_told_both_ways_in() -> None:
    response = Client().get(EMPLOYEES)

    assert response.status_code == HTTPStatus.UNAUTHORIZED
    assert response["WWW-Authenticate"].startswith("Bearer ")
