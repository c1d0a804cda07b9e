"""After a revocation has returned nobody accepts the key, whatever the store is at.

Real processes show the key without pause while it is revoked; the store is a real
Valkey that is stopped, emptied and paused. See docs/decisions/0006.
"""

from threading import Event, Thread

import pytest

from integrations.api_keys.services import disable_key, enable_key, revoke_key
from integrations.api_keys.stamps import clock
from tests.factories.api_keys import ApiKeyFactory

pytestmark = pytest.mark.django_db(transaction=True)

CALLERS = 2
TRIES = 500  # of each caller, after the revocation has returned


class Emptying:
    """Empties the store without pause."""

    def __init__(self, store):
        self.store, self.is_over = store, Event()
        self.thread = Thread(target=self.empty_on)
        self.thread.start()

    def empty_on(self):
        while not self.is_over.wait(0.002):
            self.store.empty()

    def end(self):
        self.is_over.set()
        self.thread.join()


def nothing():
    """The store is well."""


def warmed_up(callers, since):
    for caller in callers:
        caller.wait_for(50, since)


@pytest.mark.parametrize("trouble", ["none", "stopped", "paused", "emptied", "flushed"])
def test_no_request_is_accepted_once_a_revocation_has_returned(trouble, store, call):
    key = ApiKeyFactory()
    callers = [call(key.text, store.url) for _number in range(CALLERS)]
    warmed_up(callers, 0.0)
    emptying = Emptying(store) if trouble == "emptied" else None
    {"stopped": store.stop, "paused": store.pause, "flushed": store.empty}.get(
        trouble, nothing
    )()

    began_at = clock()
    revoke_key(key)
    returned_at = clock()
    if trouble == "stopped":
        store.start()
    if trouble == "paused":
        store.resume()

    for caller in callers:
        caller.wait_for(TRIES, returned_at)
    if emptying:
        emptying.end()
    tries = [tried for caller in callers for tried in caller.read()]
    before = [accepted for at, accepted in tries if at < began_at - 1]
    after = [accepted for at, accepted in tries if at >= returned_at]
    assert before == [True] * len(before)
    assert len(after) >= CALLERS * TRIES
    assert sum(after) == 0


def test_who_revokes_need_not_reach_the_store(store, call, settings):
    """The callers still believe the stamps of a store that is cut off from us."""
    key = ApiKeyFactory()
    callers = [call(key.text, store.url) for _number in range(CALLERS)]
    warmed_up(callers, 0.0)
    cut_off(settings)

    began_at = clock()
    revoke_key(key)
    returned_at = clock()

    for caller in callers:
        caller.wait_for(TRIES, returned_at)
    after = [
        accepted
        for caller in callers
        for at, accepted in caller.read()
        if at >= returned_at
    ]
    assert returned_at - began_at >= 1.0
    assert sum(after) == 0


def cut_off(settings):
    from integrations.rate_limits.limiter import limiter

    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    limiter.cache_clear()


def test_key_that_is_switched_on_again_is_accepted_again(store, call):
    key = ApiKeyFactory()
    caller = call(key.text, store.url)
    warmed_up([caller], 0.0)

    disable_key(key)
    off_at = clock()
    caller.wait_for(100, off_at)
    off = [accepted for at, accepted in caller.read() if at >= off_at]
    enable_key(key)
    on_at = clock()
    caller.wait_for(100, on_at)

    assert sum(off) == 0
    assert all(accepted for at, accepted in caller.read() if at >= on_at)
