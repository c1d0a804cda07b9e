"""Plain pages, counted by django-ratelimit with the installation's own settings."""

import pytest
from django.core import checks
from django.test import Client

from integrations.rate_limits import pages
from organizations.security import security_event_occurred

pytestmark = pytest.mark.django_db

LOGIN, RESET = "/account/login/", "/account/password/reset/"


@pytest.fixture(autouse=True)
def _few(settings):
    settings.RATE_LIMITS = {
        **settings.RATE_LIMITS,
        "login": (3, 60),
        "password-reset": (3, 60),
    }


@pytest.mark.parametrize("page", [LOGIN, RESET])
def test_too_many_posts_are_told_when_to_come_back(page):
    body = {"login": "a@example.com", "password": "x", "email": "a@example.com"}
    statuses = [Client().post(page, body).status_code for _ in range(3)]

    response = Client().post(page, body)

    assert statuses == [statuses[0]] * 3
    assert statuses[0] in (200, 302)
    assert response.status_code == 429
    wait = int(response["Retry-After"])
    assert 1 <= wait <= 60
    assert f"Try again in {wait} second" in response.content.decode()


def test_looking_at_a_page_counts_nothing():
    for _ in range(10):
        assert Client().get(LOGIN).status_code == 200

    assert Client().post(LOGIN, {}).status_code == 200


def test_each_address_has_its_own(settings):
    for number in range(5):
        response = Client(REMOTE_ADDR=f"203.0.113.{number}").post(LOGIN, {})
        assert response.status_code == 200


def test_a_flood_is_one_security_event():
    told = []

    def hear(event, **signal):
        told.append((event.kind.value, event.reason))

    security_event_occurred.connect(hear)
    try:
        for _ in range(9):
            Client().post(LOGIN, {})
    finally:
        security_event_occurred.disconnect(hear)

    assert told.count(("excess_rate_limit_exceeded", "login")) == 1


def test_without_the_cache_the_exact_log_counts(settings, rf):
    settings.CACHES = {
        **settings.CACHES,
        "limits": {
            **settings.CACHES["limits"],
            "LOCATION": "unix:///nowhere/valkey.sock",
        },
    }
    from integrations.rate_limits.policies import default_policy

    default_policy.cache_clear()

    waits = [pages._wait_seconds(rf.post("/"), "login") for _ in range(4)]

    default_policy.cache_clear()
    assert waits[:3] == [0, 0, 0]
    assert 1 <= waits[3] <= 60


def test_the_library_finds_nothing_wrong_that_we_did_not_choose(settings):
    found = {message.id for message in checks.run_checks(tags=["caches"])}

    assert found <= set(settings.SILENCED_SYSTEM_CHECKS)
    assert "django_ratelimit.E003" not in settings.SILENCED_SYSTEM_CHECKS
