"""What a request is counted against, in how many round trips, and what it is told."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from integrations.api_keys.hashing import pool
from integrations.rate_limits import policies
from organizations.models import Membership
from tests.integrations.gateway.conftest import (
    EMPLOYEES,
    WAYS,
    Showing,
    by_key,
    store_trips,
)

pytestmark = pytest.mark.django_db


def test_a_key_known_by_heart_takes_one_round_trip_and_no_query_for_itself(
    membership: Membership, django_assert_num_queries: Any
) -> None:
    key = by_key(membership)
    key.get()
    before = store_trips()

    with django_assert_num_queries(1):  # the list itself
        response = key.get()

    assert response.status_code == HTTPStatus.OK
    assert store_trips() - before == 1


@pytest.mark.parametrize("kind", sorted(set(WAYS) - {"api_key"}))
def test_other_credentials_take_two_round_trips(
    kind: str, membership: Membership
) -> None:
    showing = WAYS[kind](membership)
    showing.get()
    before = store_trips()

    showing.get()

    assert store_trips() - before == 2


def test_every_answer_tells_what_is_left(showing: Showing) -> None:
    first, second = showing.get(), showing.get()

    assert first["RateLimit-Policy"] == second["RateLimit-Policy"]
    assert '"organization";q=' in first["RateLimit-Policy"]
    left = int(first["X-RateLimit-Remaining"])
    assert int(second["X-RateLimit-Remaining"]) in (left - 1, left)


def limit(limits: dict[str, tuple[int, int]], name: str, quota: int) -> None:
    limits[name] = (quota, 3600)
    policies.default_policy.cache_clear()


@pytest.mark.parametrize("name", ["global", "address", "organization"])
def test_above_a_limit_the_answer_says_which_and_when(
    showing: Showing, limits: dict[str, tuple[int, int]], name: str
) -> None:
    limit(limits, name, 4)
    answers = [showing.get() for _call in range(5)]

    refused = answers[-1]
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert refused.json()["violated-policies"] == [name]
    assert int(refused["Retry-After"]) > 0
    assert f'"{name}";r=0' in refused["RateLimit"]


def test_strangers_are_limited_by_address_before_anything_else(
    limits: dict[str, tuple[int, int]], django_assert_num_queries: Any
) -> None:
    limit(limits, "address", 4)
    statuses = [Client().get(EMPLOYEES).status_code for _call in range(3)]
    with django_assert_num_queries(0):
        statuses.append(Client().get(EMPLOYEES).status_code)

    assert statuses.count(HTTPStatus.TOO_MANY_REQUESTS) >= 3
    token = Client().post("/api/v1/auth/token/", {}, content_type="application/json")
    assert token.status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_many_bad_keys_from_one_address_wait_and_force_no_bcrypt(
    membership: Membership,
) -> None:
    right = by_key(membership)
    assert right.get().status_code == HTTPStatus.OK
    before = pool().runs

    answers = [
        Client().get(EMPLOYEES, headers={"X-API-Key": f"phr_live_{n:012}_bad"})
        for n in range(30)
    ]

    statuses = [answer.status_code for answer in answers]
    assert statuses == [401] * 20 + [429] * 10
    assert answers[-1].json()["violated-policies"] == ["bad-keys"]
    assert pool().runs == before
    # Who was good before is not kept out by a neighbour.
    assert right.get().status_code == HTTPStatus.OK


def test_pages_are_not_counted_as_calls(member_client: Any) -> None:
    before = store_trips()

    response = member_client().get("/")

    assert "RateLimit" not in response
    assert store_trips() == before
