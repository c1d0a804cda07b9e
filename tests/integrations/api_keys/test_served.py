"""Keys at a real server: bytes that no client sends, a store that stops, an end."""

import signal
import time

import pytest
from django.db import connection

from integrations.api_keys.models import KeyUse
from integrations.api_keys.services import revoke_key
from integrations.audit.calls import call_log
from integrations.audit.models import LoggedCall, SecurityRecord
from people_hr.embedded.engine import wait_until
from tests.factories.api_keys import ApiKeyFactory
from tests.integrations.api_keys.serving import serve
from tests.integrations.audit.conftest import remove_calls, remove_events

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(store, settings):
    """A server whose store may be stopped; this process uses the same store."""
    settings.RATE_LIMIT_TIMEOUT_SECONDS = 0.04
    remove_events()
    running = serve(store.url, RATE_LIMIT_BAD_KEYS="100/minute")
    yield running
    running.end(signal.SIGKILL)
    remove_calls()
    remove_events()


def line(name, value):
    return name.encode() + b": " + value


def hostile(good):
    """Return header lines around a good key, none of which is one header with it."""
    key = good.encode()
    return {
        "twice": [line("X-API-Key", key)] * 2,
        "twice, in two cases": [line("X-API-Key", key), line("x-api-key", key)],
        "an empty one first": [line("X-API-Key", b""), line("X-API-Key", key)],
        "folded": [b"X-API-Key: " + key[:30], b" " + key[30:]],
        "NUL after": [line("X-API-Key", key + b"\0")],
        "a carriage return": [line("X-API-Key", key + b"\rX-A: b")],
        "latin letters": [line("X-API-Key", key + b"\xe9")],
        "no UTF-8": [line("X-API-Key", b"\xff\xfe" + key)],
        "a space in the name": [b"X-API-Key : " + key],
        "sixty thousand bytes": [line("X-API-Key", key + b"A" * 60_000)],
    }


def test_bytes_that_are_not_one_key_open_nothing(server):
    key = ApiKeyFactory()
    assert server.show(key.text).status == 200

    for name, lines in hostile(key.text).items():
        answer = server.send(*lines)
        # 0: closed without a word, as servers do with what is no HTTP.
        assert answer.status in {0, 400, 401, 431}, name

    # Space around a value is no part of it (RFC 9110, section 5.5).
    assert server.send(b"x-api-key:\t" + key.text.encode() + b"  ").status == 200


def test_store_that_stops_delays_nobody_and_opens_nothing(server, store):
    key = ApiKeyFactory(hourly_quota=2000)
    assert server.show(key.text).status == 200
    firsts, later = [], []

    for _time in range(3):
        store.pause()
        firsts.append(server.show(key.text).milliseconds)
        later += [server.show(key.text).milliseconds for _call in range(4)]
        store.resume()
        assert wait_until(lambda: is_counted_by_the_store(server, key), 10)

    # The least of three: this is about waiting for the store, not for a busy machine.
    assert min(firsts) < 100
    assert sorted(later)[len(later) // 2] < 100
    store.pause()
    revoke_key(key)
    tries = [server.show(key.text).status for _call in range(100)]
    assert set(tries) <= {401, 429}
    reasons = SecurityRecord.objects.filter(subject="rate_limits")
    assert {"store_down", "store_back"} <= set(reasons.values_list("reason", flat=True))


def test_pages_and_sessions_go_on_while_the_store_is_stopped(
    server, store, member_client
):
    cookie = b"Cookie: sessionid=" + member_client().cookies["sessionid"].value.encode()
    addresses = ("/", "/api/v1/me/")
    for address in addresses:
        assert server.send(cookie, path=address).status == 200

    store.pause()
    frozen = [server.send(cookie, path=address) for address in addresses * 3]
    store.resume()
    store.stop()
    stopped = [server.send(cookie, path=address) for address in addresses * 2]

    assert {answer.status for answer in frozen + stopped} == {200}
    # A hung store was waited for by one request alone, and not for long.
    assert sorted(answer.milliseconds for answer in frozen)[1] < 500


def is_counted_by_the_store(server, key):
    time.sleep(0.1)
    told = server.show(key.text)
    assert told.status == 200
    # A share of the quota is told while the process counts by itself.
    return '"key";q=2000;' in told.head


def test_share_of_each_quota_holds_while_the_store_is_stopped(server, store):
    key = ApiKeyFactory(hourly_quota=12)
    guesses = [ApiKeyFactory.build_text() for _guess in range(80)]
    store.pause()

    allowed = [server.show(key.text).status for _call in range(10)]
    guessed = [server.show(guess).status for guess in guesses]

    # WEB_CONCURRENCY is 2: of 12 this process has 6, of 100 bad keys 50.
    assert (allowed.count(200), allowed.count(429)) == (6, 4)
    assert set(guessed) == {401, 429}
    assert guessed.count(401) == 50


def test_server_that_is_told_to_end_has_written_calls_and_last_uses(server):
    key = ApiKeyFactory()
    for _call in range(5):
        assert server.show(key.text).status == 200

    server.end(signal.SIGTERM)

    assert LoggedCall.objects.filter(credential_id=key.key_id).count() == 5
    use = KeyUse.objects.get(key=key)
    assert (use.address, use.endpoint) == ("127.0.0.1", "api:employee-list read")
    call_log.close()  # this process' own
    assert wait_until(no_session_is_left, 10)


def no_session_is_left():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend' "
            "AND application_name = 'people-hr call log'"
        )
        return cursor.fetchone()[0] == 0


def test_killed_server_loses_at_most_the_last_second(server):
    key = ApiKeyFactory()
    for _call in range(5):
        assert server.show(key.text).status == 200
    answered_at = time.monotonic()

    def written():
        return LoggedCall.objects.filter(credential_id=key.key_id).count()

    assert wait_until(lambda: written() == 5, 1.0)
    assert time.monotonic() - answered_at <= 1.0
    server.end(signal.SIGKILL)

    assert written() == 5
