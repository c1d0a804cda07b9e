"""Sessions go on without their cache, and what ended is not remembered for long."""

import time

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from organizations import caching
from organizations.caching import KEPT_SECONDS, ForgetfulCache, OwnMemoryMeanwhile
from organizations.roles import Role

SESSIONS = settings.SESSION_CACHE_ALIAS


@pytest.fixture
def away():
    """A cache whose server is not there."""
    return ForgetfulCache("unix:///nowhere/valkey.sock?db=0", {})


def test_what_fails_is_a_miss(away):
    away.set("a", 1, 60)

    assert away.get("a", "default") == "default"
    assert (away.add("a", 1), away.delete("a"), "a" in away) == (True, False, False)


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


@pytest.mark.parametrize("timeout", [14 * 86_400, None])
def test_nothing_is_kept_for_longer_than_a_minute(timeout):
    cache = caches[SESSIONS]
    cache.set("session", "mine", timeout)

    assert cache.get("session") == "mine"
    left = cache._cache.get_client().ttl(cache.make_and_validate_key("session"))
    assert 0 < left <= KEPT_SECONDS


@pytest.mark.django_db
def test_session_is_read_from_the_cache_and_else_from_the_database(
    member_client, django_assert_num_queries
):
    client: Client = member_client(Role.EMPLOYEE)
    assert client.get("/api/v1/me/").status_code == 200
    caches[SESSIONS].clear()

    assert client.get("/api/v1/me/").status_code == 200


def test_what_must_be_counted_is_counted_by_the_process_meanwhile():
    away = OwnMemoryMeanwhile("unix:///nowhere/valkey.sock?db=0", {})
    away.set("a", 1, 60)

    assert away.get("a") == 1
    assert (away.add("a", 2), away.add("b", 2), away.delete("a")) == (False, True, True)
    assert away.get("a", "gone") == "gone"


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["page", "api"])
def test_wrong_passwords_are_counted_while_the_cache_is_away(
    where, settings, member_client
):
    settings.CACHES = {
        name: {**cache, "LOCATION": "unix:///nowhere/valkey.sock?db=0"}
        for name, cache in settings.CACHES.items()
    }
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
