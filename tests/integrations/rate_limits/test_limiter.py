"""The limiter when its store is slow, gone, back, emptied, or never there."""

import os
import time
from collections.abc import Callable, Iterator

import pytest
import redis

from integrations.rate_limits import limiter as limiting
from integrations.rate_limits.degradation import PAUSE_SECONDS
from integrations.rate_limits.limiter import Algorithm, Layer, Limiter, Policy, Stamp
from organizations.security import SecurityEvent, security_event_occurred
from people_hr.embedded.engine import wait_until
from tests.integrations.rate_limits.conftest import PATIENCE, OwnValkey, limiter_of

pytestmark = pytest.mark.django_db  # alarms are kept there

QUOTA = Layer(Policy("key", 10, 3600), "key:a")
BURST = Layer(Policy("key-burst", 8, 60, Algorithm.BURST), "key:a")


@pytest.fixture
def alarms() -> Iterator[list[str]]:
    told: list[str] = []

    def hear(event: SecurityEvent, **signal: object) -> None:
        told.append(f"{event.kind.value} {event.reason}")

    security_event_occurred.connect(hear)
    yield told
    security_event_occurred.disconnect(hear)


def seconds_of(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def use_up(limiter: Limiter, layers: list[Layer]) -> int:
    """Take until it is refused; return how often it was allowed."""
    taken = 0
    while limiter.take(layers).is_allowed:
        taken += 1
    return taken


@pytest.mark.parametrize("failure", ["freeze", "kill"])
def test_without_its_store_each_process_takes_its_share_at_once(
    own_valkey: OwnValkey, alarms: list[str], failure: str
) -> None:
    limiter = limiter_of(own_valkey)
    assert not limiter.take([QUOTA]).is_degraded
    getattr(own_valkey, failure)()

    took = [seconds_of(lambda: limiter.take([QUOTA])) for _ in range(3)]

    # Only the first waited for the store, and not twice.
    assert took[0] < PATIENCE * 2
    assert took[1] + took[2] < PATIENCE
    verdict = limiter.take([QUOTA], counts=False)
    assert verdict.is_degraded
    assert (verdict.is_stamp_good, verdict.epoch) == (False, "")
    assert 3 + use_up(limiter, [QUOTA]) == 10 // 2
    assert alarms == ["sys_monitor_disabled store_down"]


def test_a_store_that_was_never_there_costs_no_request_long(
    own_valkey: OwnValkey,
) -> None:
    own_valkey.kill()
    limiter = limiter_of(own_valkey)

    assert seconds_of(lambda: limiter.take([QUOTA, BURST])) < PATIENCE
    assert limiter.take([QUOTA]).is_degraded


def test_a_store_that_is_back_is_asked_again_and_the_alarm_called_off(
    own_valkey: OwnValkey, alarms: list[str]
) -> None:
    limiter = limiter_of(own_valkey)
    limiter.take([QUOTA])
    own_valkey.freeze()
    assert limiter.take([QUOTA]).is_degraded
    own_valkey.thaw()

    def is_asked() -> bool:
        return not limiter.take([QUOTA], counts=False).is_degraded

    assert wait_until(is_asked, 10)
    assert alarms == [
        "sys_monitor_disabled store_down",
        "sys_monitor_disabled store_back",
    ]
    # What was counted before is still counted, the share of the time between is not.
    assert limiter.take([QUOTA], counts=False).states[0].remaining in (8, 9)


def test_a_store_that_was_restarted_is_no_failure(
    own_valkey: OwnValkey, alarms: list[str]
) -> None:
    limiter = limiter_of(own_valkey)
    first = limiter.take([QUOTA])
    own_valkey.kill()
    own_valkey.start()

    second = limiter.take([QUOTA])

    assert not second.is_degraded
    assert second.epoch != first.epoch
    assert alarms == []


def test_a_store_that_has_forgotten_the_script_is_told_it_again(
    own_valkey: OwnValkey,
) -> None:
    limiter = limiter_of(own_valkey)
    limiter.take([QUOTA])
    redis.Redis.from_url(own_valkey.url).script_flush()

    verdict = limiter.take([QUOTA])

    assert not verdict.is_degraded
    assert verdict.states[0].remaining == 8


def test_a_store_that_is_out_of_memory_is_a_store_that_is_away(
    own_valkey: OwnValkey,
) -> None:
    limiter = limiter_of(own_valkey)
    limiter.take([QUOTA])
    redis.Redis.from_url(own_valkey.url).config_set("maxmemory", "1")

    assert limiter.take([QUOTA]).is_degraded


def test_nobody_waits_while_a_dead_store_is_tried_again(
    own_valkey: OwnValkey,
) -> None:
    limiter = limiter_of(own_valkey)
    limiter.take([QUOTA])
    own_valkey.freeze()
    limiter.take([QUOTA])
    wide = [Layer(Policy("wide", 1_000_000, 60), "all")]

    waited = 0
    until = time.monotonic() + 2 * PAUSE_SECONDS + PATIENCE  # tried once and again
    while time.monotonic() < until:
        waited += seconds_of(lambda: limiter.take(wide)) > PATIENCE
        time.sleep(0.01)

    assert waited == 0
    assert limiter.degraded_decisions > 10


def test_stamps_are_never_good_while_the_store_is_away(own_valkey: OwnValkey) -> None:
    limiter = limiter_of(own_valkey)
    stamp = Stamp("key", "1")
    epoch = limiter.take([]).epoch
    assert limiter.put_stamp(stamp, epoch)
    own_valkey.freeze()

    verdict = limiter.take([QUOTA], stamp=stamp)

    assert not verdict.is_stamp_good
    # The caller asks again without the stamp, and is counted then.
    assert verdict.states[0].remaining == 10 // 2
    assert not limiter.put_stamp(stamp, epoch)
    assert not limiter.drop_stamp("key")


def test_a_forked_child_uses_no_connection_of_its_parent(
    own_valkey: OwnValkey,
) -> None:
    limiter = limiter_of(own_valkey)
    limiter.take([QUOTA])
    client = redis.Redis.from_url(own_valkey.url)
    reading, writing = os.pipe()

    child = os.fork()
    if child == 0:
        verdict = limiter.take([QUOTA])
        os.write(writing, b"%d" % verdict.states[0].remaining)
        os.read(reading, 0)
        os._exit(0)
    os.waitpid(child, 0)

    assert os.read(reading, 10) == b"8"
    assert limiter.take([QUOTA]).states[0].remaining == 7
    assert client.info("stats")["total_connections_received"] >= 3


def test_a_connection_is_kept_and_used_again(own_valkey: OwnValkey) -> None:
    limiter = limiter_of(own_valkey)
    for _ in range(20):
        limiter.take([QUOTA, BURST])

    client = redis.Redis.from_url(own_valkey.url)
    assert client.info("clients")["connected_clients"] <= 3  # one is this, one is left


def test_in_memory_mode_there_is_no_store_and_nothing_is_degraded() -> None:
    limiter = Limiter(None, processes=2)

    verdict = limiter.take([QUOTA], stamp=Stamp("key", "1"))
    assert verdict.states[0].remaining == 10  # without its stamp nothing is counted
    assert use_up(limiter, [QUOTA]) == 10
    assert (verdict.is_degraded, verdict.is_stamp_good) == (False, False)
    assert not limiter.put_stamp(Stamp("key", "1"), "epoch")
    assert not limiter.drop_stamp("key")


def test_the_settings_choose_the_store(settings: object) -> None:
    settings.RATE_LIMIT_STORE = "memory"  # type: ignore[attr-defined]
    limiting.limiter.cache_clear()
    try:
        assert limiting.limiter().store is None
        assert limiting.take([QUOTA]).is_allowed
    finally:
        limiting.limiter.cache_clear()
