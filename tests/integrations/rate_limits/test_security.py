"""Limits for attackers: exact, and never open."""

import pytest
from django.conf import settings

from integrations.rate_limits import limiter as limiting
from integrations.rate_limits import security
from integrations.rate_limits.security import attempt, own_log, remaining
from tests.integrations.rate_limits.conftest import OwnValkey, limiter_of

pytestmark = pytest.mark.django_db


def allowed(policy: str, subject: str, times: int) -> int:
    return sum(attempt(policy, subject).is_allowed for _ in range(times))


@pytest.mark.parametrize("policy", sorted(settings.SECURITY_LIMITS))
def test_exactly_the_quota_is_allowed(policy, subject):
    quota, _window = settings.SECURITY_LIMITS[policy]

    assert allowed(policy, subject, quota + 15) == quota
    assert attempt(policy, subject).violated == (policy,)
    assert allowed(policy, f"{subject}:other", 1) == 1


def test_looking_counts_nothing(subject):
    for _ in range(30):
        assert remaining("bad-keys", subject).is_allowed

    assert allowed("bad-keys", subject, 30) == 20
    assert not remaining("bad-keys", subject).is_allowed


def test_another_process_counts_with_this_one(subject):
    assert allowed("bad-keys", subject, 15) == 15
    own_log().clear()  # as another process, which has seen none of these

    assert allowed("bad-keys", subject, 15) == 5


@pytest.fixture
def stoppable(own_valkey: OwnValkey, monkeypatch):
    limiter = limiter_of(own_valkey, processes=2)
    monkeypatch.setattr(security, "limiter", lambda: limiter)
    return own_valkey


def test_an_attacker_gains_nothing_when_the_store_goes_away(stoppable, subject):
    assert allowed("bad-keys", subject, 20) == 20
    stoppable.freeze()

    assert allowed("bad-keys", subject, 50) == 0


def test_while_the_store_is_away_every_process_still_refuses(stoppable, subject):
    stoppable.freeze()

    assert allowed("bad-keys", subject, 50) == 20 // 2


def test_an_attacker_gains_nothing_when_the_store_comes_back(stoppable, subject):
    stoppable.freeze()
    assert allowed("bad-keys", subject, 50) == 10
    stoppable.thaw()

    # However the store decides, this process has seen ten.
    assert allowed("bad-keys", subject, 50) <= 10


def test_the_run_has_one_limiter():
    assert limiting.limiter() is limiting.limiter()
