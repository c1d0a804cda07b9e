"""What is counted in the cache is counted without it, too."""

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from organizations import caching
from organizations.caching import OwnMemoryMeanwhile
from organizations.roles import Role


@pytest.fixture
def away():
    """A cache whose server is not there."""
    return OwnMemoryMeanwhile("unix:///nowhere/valkey.sock?db=0", {})


def test_cache_that_failed_is_left_alone_for_a_moment(away, monkeypatch):
    away.get("a")
    asked = []
    monkeypatch.setattr(
        caching.RedisCache, "get", lambda *_arguments: asked.append(1) or "b"
    )

    assert away.get("a") is None
    assert asked == []
    away._rests_until = time.monotonic()
    assert away.get("a") == "b"


def test_what_must_be_counted_is_counted_by_the_process_meanwhile(away):
    away.set("a", 1, 60)

    assert away.get("a") == 1
    assert (away.add("a", 2), away.add("b", 2), away.delete("a")) == (False, True, True)
    assert away.get("a", "gone") == "gone"


def without_valkey(caches: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {**cache, "LOCATION": "unix:///nowhere/valkey.sock?db=0"}
        for name, cache in caches.items()
    }


@pytest.mark.django_db
def test_who_logs_out_while_the_cache_is_away_is_out_when_it_is_back(
    settings, member_client
):
    client: Client = member_client(Role.EMPLOYEE)
    assert client.get("/api/v1/me/").status_code == 200
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    reachable, settings.CACHES = settings.CACHES, without_valkey(settings.CACHES)

    client.post(reverse("account_logout"))
    client.cookies[settings.SESSION_COOKIE_NAME] = session

    assert client.get("/api/v1/me/").status_code == 401
    settings.CACHES = reachable
    assert client.get("/api/v1/me/").status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["page", "api"])
def test_wrong_passwords_are_counted_while_the_cache_is_away(
    where, settings, member_client
):
    settings.CACHES = without_valkey(settings.CACHES)
    email = member_client(Role.EMPLOYEE).membership.user.email

    def log_in() -> int:
        if where == "page":
            said = {"login": email, "password": "wrong"}
            page = Client().post(reverse("account_login"), said)
            assert page.status_code == 200
            return 429 if "Too many failed" in page.content.decode() else 401
        body = {"email": email, "password": "wrong"}
        path = "/api/v1/auth/token/"
        return Client().post(path, body, content_type="application/json").status_code

    assert [log_in() for _ in range(7)] == [401] * 5 + [429] * 2
