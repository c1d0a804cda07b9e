"""Who is let in with a key, who is not, and what either costs."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from integrations.api_keys import keys, peppers, verification
from integrations.api_keys.hashing import Busy, HashingPool, pool
from integrations.api_keys.refusals import Reason, Refused
from integrations.api_keys.verification import memory, verify, warm
from tests.factories.api_keys import ApiKeyFactory

pytestmark = pytest.mark.django_db

#: A key with a right checksum that was never given out.
GUESS = "phr_live_AAAAAAAAAAAA_" + "B" * 32
GUESS += keys.checksum(GUESS)

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _forget():
    memory.clear()


def test_right_key_opens_what_it_may():
    key = ApiKeyFactory(scopes=["employees:read", "structure:read"])

    opened = verify(key.text)

    assert opened.id == key.pk
    assert opened.generation == key.version
    assert opened.access.organization == key.organization
    assert opened.access.scopes == {"employees:read", "structure:read"}
    assert (opened.access.actor_type, opened.access.actor_id) == (
        "api_key",
        str(key.pk),
    )


def test_second_request_hashes_nothing_and_warm_asks_nobody(
    django_assert_num_queries,
):
    key = ApiKeyFactory()
    before = pool().runs
    with django_assert_num_queries(1):
        verify(key.text)
    with django_assert_num_queries(1):
        verify(key.text)
    with django_assert_num_queries(0):
        assert warm(key.text).id == key.pk
    assert pool().runs == before + 1


def test_wrong_secret_hashes_nothing():
    key = ApiKeyFactory()
    other = ApiKeyFactory()
    start = f"phr_live_{key.key_id}_{other.text.split('_')[3][:32]}"
    before = pool().runs
    with pytest.raises(Refused) as refused:
        verify(start + keys.checksum(start))
    assert refused.value.reason == Reason.BAD_SECRET
    assert pool().runs == before


def test_what_is_no_key_asks_no_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        for text in ("", "phr_live_AAAAAAAAAAAA", "x" * 129, GUESS[:-1] + "_"):
            with pytest.raises(Refused) as refused:
                verify(text)
            assert refused.value.reason == Reason.MALFORMED


def test_unknown_key_takes_one_query_and_no_hash(django_assert_num_queries):
    before = pool().runs
    with django_assert_num_queries(1), pytest.raises(Refused) as refused:
        verify(GUESS)
    assert refused.value.reason == Reason.UNKNOWN
    assert pool().runs == before


def test_hundreds_of_wrong_secrets_hash_nothing():
    key = ApiKeyFactory()
    before = pool().runs
    reasons = set()
    for _number in range(300):
        made = keys.generate(keys.Environment.LIVE).text
        start = f"phr_live_{key.key_id}_{made.split('_')[3][:32]}"
        with pytest.raises(Refused) as refused:
            verify(start + keys.checksum(start))
        reasons.add(refused.value.reason)

    assert reasons == {Reason.BAD_SECRET}
    assert pool().runs == before


def test_key_of_a_pepper_that_is_gone_is_refused_without_hashing(settings):
    key = ApiKeyFactory()
    settings.API_KEY_PEPPERS = ["another-pepper-of-thirty-two-bytes-0"]
    before = pool().runs
    with pytest.raises(Refused) as refused:
        verify(key.text)
    assert refused.value.reason == Reason.BAD_SECRET
    assert pool().runs == before


def kept_version(key):
    """Return the key as it is kept, and its version, which use alone never raises."""
    before = key.version
    key.refresh_from_db()
    assert key.version == before
    return key


def test_used_key_is_tagged_under_the_newest_pepper(settings):
    key = ApiKeyFactory()
    newest = "the-newest-pepper-of-thirty-two-byte"
    settings.API_KEY_PEPPERS = [newest, *settings.API_KEY_PEPPERS]

    verify(key.text)

    kept = kept_version(key)
    assert (kept.secret_tag, kept.pepper) == peppers.make_tag(key.text)
    settings.API_KEY_PEPPERS = [newest]
    memory.clear()
    assert verify(key.text).id == key.pk


def test_used_key_is_hashed_anew_when_more_rounds_are_asked_for(settings):
    key = ApiKeyFactory()
    settings.API_KEY_BCRYPT_COST = 5

    verify(key.text)

    kept = kept_version(key)
    assert keys.cost_of(kept.secret_hash) == 5
    assert keys.matches(key.text, kept.secret_hash)
    # Never downwards: that would weaken what is kept.
    settings.API_KEY_BCRYPT_COST = 4
    memory.clear()
    verify(key.text)
    assert keys.cost_of(kept_version(key).secret_hash) == 5


def test_broken_hash_refuses_and_does_not_fail():
    key = ApiKeyFactory(secret_hash="$2b$10$broken")
    with pytest.raises(Refused) as refused:
        verify(key.text)
    assert refused.value.reason == Reason.BAD_SECRET


def test_storm_on_a_cold_key_hashes_once():
    text = keys.generate(keys.Environment.LIVE).text
    hashed = keys.hash_key(text, 10)  # long enough for all to come meanwhile
    storm = HashingPool(slots=2)
    gate = Barrier(16)

    def ask(_number):
        gate.wait()
        return storm.check(peppers.mark(text), text, hashed)

    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(ask, range(16)))

    assert answers == [True] * 16
    assert storm.runs == 1


def test_more_new_keys_than_slots_are_not_queued():
    texts = [keys.generate(keys.Environment.LIVE).text for _number in range(8)]
    hashes = [keys.hash_key(text, 10) for text in texts]
    narrow = HashingPool(slots=1)
    gate = Barrier(8)

    def ask(number):
        gate.wait()
        try:
            return narrow.check(
                peppers.mark(texts[number]), texts[number], hashes[number]
            )
        except Busy:
            return None

    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(ask, range(8)))

    assert answers.count(None) == 8 - narrow.runs
    assert answers.count(True) == narrow.runs < 8


def test_full_pool_asks_to_come_again(monkeypatch):
    key = ApiKeyFactory()
    full = HashingPool(slots=1)
    full._slots.acquire()
    monkeypatch.setattr(verification, "pool", lambda: full)

    answer = Client().get("/api/v1/employees/", headers={"X-API-Key": key.text})

    assert answer.status_code == 503
    assert answer["Retry-After"] == "1"
    assert answer.json()["type"].endswith("/busy/")


def test_key_that_expires_while_it_is_known_by_heart_is_refused_at_once():
    with time_machine.travel(NOON, tick=False) as clock:
        key = ApiKeyFactory(expires_at=timezone.now() + dt.timedelta(seconds=10))
        verify(key.text)
        assert warm(key.text)
        clock.shift(10)

        assert warm(key.text) is None
        with pytest.raises(Refused) as refused:
            verify(key.text)
    assert refused.value.reason == Reason.EXPIRED


def test_key_comes_alive_when_its_time_has_come():
    with time_machine.travel(NOON, tick=False) as clock:
        key = ApiKeyFactory(starts_at=timezone.now() + dt.timedelta(hours=1))
        with pytest.raises(Refused) as refused:
            verify(key.text)
        clock.shift(dt.timedelta(hours=1))

        assert verify(key.text).id == key.pk
    assert refused.value.reason == Reason.NOT_YET_VALID


def test_row_that_is_older_than_a_second_is_read_again(monkeypatch):
    key = ApiKeyFactory()
    verify(key.text)
    read_at = verification.clock()
    monkeypatch.setattr(verification, "clock", lambda: read_at + 1.5)

    assert warm(key.text) is None
