"""Who cannot prove which app it is waits; tokens of good apps come all the same."""

import pytest
from django.conf import settings
from django.core.cache import cache

from integrations.oauth.formats import Prefix, generate
from integrations.rate_limits import policies
from organizations.security import SecurityKind
from tests.integrations.oauth.flows import basic

SERVICE = {"grant_type": "client_credentials", "token": "x"}


@pytest.fixture
def limit():
    """Set a limit of the installation for the length of a test."""
    kept = dict(settings.RATE_LIMITS)

    def change(name: str, quota: int, window_seconds: int = 60) -> None:
        settings.RATE_LIMITS[name] = (quota, window_seconds)
        policies.default_policy.cache_clear()

    yield change
    settings.RATE_LIMITS.clear()
    settings.RATE_LIMITS.update(kept)
    policies.default_policy.cache_clear()


def guess(visit, where):
    shown = basic(visit.application.client_id, generate(Prefix.CLIENT_SECRET))
    return visit.post(where, SERVICE, **shown)


@pytest.mark.parametrize("where", ["token", "revoke", "introspect"])
def test_who_guesses_secrets_waits(visit, limit, where, django_assert_num_queries):
    limit("token", 3)
    code = visit.code()
    statuses = [guess(visit, where).status_code for _guess in range(3)]

    with django_assert_num_queries(1):  # the event that says so, once a minute
        refused = guess(visit, where)
    with django_assert_num_queries(0):
        guess(visit, where)

    assert statuses == [401] * 3
    assert refused.status_code == 429
    assert refused.json()["error"] == "temporarily_unavailable"
    assert 0 < int(refused["Retry-After"]) <= 60
    # An honest app at the same address waits, too: who it is was not looked at.
    assert visit.redeem(code).status_code == 429


def test_honest_apps_are_not_counted(visit, limit):
    limit("token", 1)

    tokens = visit.tokens()
    for _time in range(4):
        tokens = visit.refresh(tokens["refresh_token"]).json()
    for _time in range(3):
        assert visit.refresh(generate(Prefix.REFRESH)).status_code == 400
        assert visit.userinfo("pho_x").status_code == 401

    assert visit.userinfo(tokens["access_token"]).status_code == 200


@pytest.mark.parametrize("where", ["token", "userinfo"])
def test_the_limits_of_addresses_hold_for_apps_as_well(
    visit, limit, where, security_events
):
    tokens = visit.tokens()
    cache.clear()  # what has counted until now
    limit("address", 12, 3600)  # a quarter of it at once

    statuses = [
        visit.userinfo(tokens["access_token"]).status_code
        if where == "userinfo"
        else visit.refresh(generate(Prefix.REFRESH)).status_code
        for _time in range(5)
    ]

    assert statuses == [200 if where == "userinfo" else 400] * 3 + [429] * 2
    told = [
        event.reason
        for event in security_events
        if event.kind == SecurityKind.LIMIT_EXCEEDED
    ]
    assert told == ["address"]
