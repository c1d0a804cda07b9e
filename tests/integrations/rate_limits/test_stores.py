"""Both stores decide alike, and as the algorithms are defined."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from integrations.rate_limits.stores.memory import MemoryStore
from integrations.rate_limits.stores.valkey import ValkeyStore
from integrations.rate_limits.terms import Algorithm, Layer, Policy, Stamp, Verdict
from tests.integrations.rate_limits.conftest import Clock, names
from tests.integrations.rate_limits.reference import Reference, worst_window

POLICIES = (
    Policy("quota", 7, 10),
    Policy("second-quota", 3, 1),
    Policy("burst", 12, 10, Algorithm.BURST),
    Policy("odd-burst", 7, 3, Algorithm.BURST, burst=2),
    Policy("log", 4, 10, Algorithm.LOG),
)
layer_sets = st.lists(
    st.sampled_from(POLICIES), min_size=1, max_size=5, unique_by=lambda p: p.name
)
#: From none to several windows, and the edges of windows of 1, 3 and 10 s.
steps = st.one_of(
    st.integers(0, 300),
    st.integers(0, 25_000),
    st.sampled_from([999, 1000, 1001, 2999, 3000, 9999, 10_000, 10_001, 20_000]),
)


class Stores(RuleBasedStateMachine):
    """Requests come at any pace; a reference, Valkey and memory judge each."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.run_name = f"machine:{next(names)}"
        self.valkey = ValkeyStore(settings.REDIS_URL, 10, clock=self.clock)
        self.memory = MemoryStore(clock=self.clock)
        self.reference = Reference()

    def layers(self, policies: Sequence[Policy], counted: bool) -> list[Layer]:
        return [
            Layer(policy, self.run_name, is_counted=counted or number > 0)
            for number, policy in enumerate(policies)
        ]

    @rule(policies=layer_sets, counted=st.booleans(), times=st.integers(1, 4))
    def take(self, policies: list[Policy], counted: bool, times: int) -> None:
        layers = self.layers(policies, counted)
        for _ in range(times):
            expected = self.reference.take(layers, self.clock.now)
            verdicts = self.valkey.take(layers), self.memory.take(layers)
            assert plain(verdicts[0]) == plain(verdicts[1])
            assert (verdicts[0].is_allowed, list(verdicts[0].violated)) == expected

    @rule(step=steps)
    def wait(self, step: int) -> None:
        self.clock.now += step

    @rule(policies=layer_sets)
    def wait_exactly(self, policies: list[Policy]) -> None:
        """One ms earlier it is refused, at the moment told it is accepted."""
        layers = self.layers(policies, counted=True)
        wait = max(state.wait_ms for state in self.memory.take(layers, counts=False)[1])
        if not wait:
            return
        self.clock.now += wait - 1
        assert not self.reference.take(layers, self.clock.now)[0]
        assert not self.valkey.take(layers).is_allowed
        self.clock.now += 1
        assert self.reference.take(layers, self.clock.now)[0]
        assert self.valkey.take(layers).is_allowed
        assert self.memory.take(layers).is_allowed

    @rule(policies=layer_sets)
    def look(self, policies: list[Policy]) -> None:
        layers = self.layers(policies, counted=True)
        expected = all(self.reference.fits(layer, self.clock.now) for layer in layers)
        looked = self.valkey.take(layers, counts=False)
        assert looked.is_allowed == expected
        assert plain(looked) == plain(self.memory.take(layers, counts=False))

    @invariant()
    def more_comes_when_told(self) -> None:
        """After ``reset`` there is more than now, unless nothing is used."""
        for policy in POLICIES:
            layer = self.layers([policy], counted=True)
            state = self.memory.take(layer, counts=False).states[0]
            if state.remaining == policy.at_once:
                assert state.reset_seconds == 0
                continue
            self.clock.now += state.reset_seconds * 1000
            later = self.memory.take(layer, counts=False).states[0]
            self.clock.now -= state.reset_seconds * 1000
            assert later.remaining > state.remaining

    def teardown(self) -> None:
        self.valkey.close()


Stores.TestCase.settings = hypothesis_settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
test_both_stores_decide_as_defined = Stores.TestCase


def plain(verdict: Verdict) -> Verdict:
    return verdict._replace(epoch="", rules="")


@pytest.mark.parametrize(
    ("policy", "most"),
    [
        (Policy("quota", 20, 10), 2 * 20),
        (Policy("burst", 20, 10, Algorithm.BURST), 20 + 20 // 4),
        (Policy("log", 20, 10, Algorithm.LOG), 20),
    ],
    ids=lambda value: getattr(value, "name", value),
)
@given(pauses=st.lists(st.integers(1, 12_000), max_size=4))
@hypothesis_settings(max_examples=20, deadline=None)
def test_no_window_ever_sees_more_than_is_promised(
    policy: Policy, most: int, pauses: list[int]
) -> None:
    clock = Clock()
    accepted = hammer(
        MemoryStore(clock=clock), policy, clock, [9_999, *pauses], step_ms=20
    )

    assert worst_window(accepted, policy.window_seconds * 1000) <= most


@pytest.mark.parametrize(
    ("policy", "worst"),
    [
        (Policy("quota", 20, 10), 39),
        (Policy("burst", 20, 10, Algorithm.BURST), 24),
        (Policy("log", 20, 10, Algorithm.LOG), 20),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_worst_that_an_adversary_reaches(policy: Policy, worst: int) -> None:
    """All at the end of a window, then at every ms: docs/limits.md tells these."""
    clock = Clock()

    accepted = hammer(MemoryStore(clock=clock), policy, clock, [9_999], step_ms=1)

    assert worst_window(accepted, policy.window_seconds * 1000) == worst
    assert max(map(accepted.count, accepted)) <= policy.at_once


def hammer(
    store: MemoryStore,
    policy: Policy,
    clock: Clock,
    pauses: list[int],
    step_ms: int,
) -> list[int]:
    """Ask at once as often as it lasts, then every step; return when it was accepted.

    Ten seconds of it, after each pause in ms.
    """
    accepted = []
    layers = [Layer(policy, "adversary")]
    for pause in pauses:
        clock.now += pause
        for step in [0] * 30 + [step_ms] * (10_000 // step_ms):
            clock.now += step
            if store.take(layers).is_allowed:
                accepted.append(clock.now)
    return accepted


def test_the_store_decides_by_its_own_clock(store: ValkeyStore, subject: str) -> None:
    layers = [Layer(Policy("short", 1, 1, Algorithm.LOG), subject)]
    store.take(layers)

    refused = store.take(layers)

    assert not refused.is_allowed
    assert 0 < refused.states[0].wait_ms <= 1000


def test_a_refused_request_counts_nowhere(store: ValkeyStore, subject: str) -> None:
    wide = Layer(Policy("wide", 10, 60), subject)
    narrow = Layer(Policy("narrow", 1, 60), subject)
    store.take([wide, narrow])

    refused = store.take([wide, narrow])

    assert refused.violated == ("narrow",)
    assert store.take([wide], counts=False).states[0].remaining == 9


def test_a_lowered_quota_holds_for_what_is_used(
    store: ValkeyStore, subject: str
) -> None:
    for _ in range(5):
        store.take([Layer(Policy("quota", 10, 3600, Algorithm.LOG), subject)])

    lowered = store.take([Layer(Policy("quota", 3, 3600, Algorithm.LOG), subject)])

    assert not lowered.is_allowed
    assert lowered.states[0].remaining == 0


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_nothing_stays_in_the_store_for_ever(
    store: ValkeyStore, subject: str, algorithm: Algorithm
) -> None:
    store.take([Layer(Policy("passing", 2, 60, algorithm), subject)])

    client = redis.Redis.from_url(settings.REDIS_URL)
    lives = [client.pttl(key) for key in client.scan_iter(f"*{subject}")]
    assert [0 < life_ms <= 120_000 for life_ms in lives] == [True]


def test_a_clock_that_is_set_back_gives_nothing_away(clock: Clock) -> None:
    policies = [Policy(str(kind), 4, 10, kind) for kind in Algorithm]
    stores = (
        ValkeyStore(settings.REDIS_URL, 10, clock=clock),
        MemoryStore(clock=clock),
    )
    for policy in policies:
        layer = Layer(policy, f"set-back:{next(names)}")
        for store in stores:
            clock.now = 1_800_000_009_000
            while store.take([layer]).is_allowed:
                pass
            clock.now -= 60_000
            assert not store.take([layer]).is_allowed


class TestStamps:
    """What room there is for a revoked key's stamp: none."""

    def test_only_the_right_stamp_is_good_and_only_then_it_counts(
        self, store: ValkeyStore, subject: str
    ) -> None:
        layers = [Layer(Policy("stamped", 5, 60), subject)]
        epoch = store.take(()).epoch
        absent = store.take(layers, stamp=Stamp(subject, "1"))
        assert store.put_stamp(Stamp(subject, "1"), epoch)

        wrong = store.take(layers, stamp=Stamp(subject, "2"))
        good = store.take(layers, stamp=Stamp(subject, "1"))

        told = [verdict.is_stamp_good for verdict in (absent, wrong, good)]
        assert told == [False, False, True]
        assert good.states[0].remaining == 4

    def test_a_dropped_stamp_is_gone_and_blocked(
        self, store: ValkeyStore, subject: str
    ) -> None:
        epoch = store.take(()).epoch
        store.put_stamp(Stamp(subject, "1"), epoch)

        assert store.drop_stamp(subject)

        assert not store.put_stamp(Stamp(subject, "1"), epoch)
        assert not store.take((), stamp=Stamp(subject, "1")).is_stamp_good

    def test_a_stamp_from_before_the_store_was_emptied_is_refused(
        self, store: ValkeyStore, subject: str
    ) -> None:
        epoch = store.take(()).epoch
        redis.Redis.from_url(settings.REDIS_URL).flushdb()

        assert store.take(()).epoch != epoch
        assert not store.put_stamp(Stamp(subject, "1"), epoch)


def test_memory_never_holds_more_than_its_bound(clock: Clock) -> None:
    store = MemoryStore(clock=clock, most=64 * 2)
    policy = Policy("quota", 5, 3600)

    for number in range(1000):
        store.take([Layer(policy, f"passing:{number}")])

    assert 64 <= len(store) <= 64 * 2


def test_what_is_over_makes_room_by_itself(clock: Clock) -> None:
    store = MemoryStore(clock=clock, most=64 * 1000)
    for number in range(1000):
        store.take([Layer(Policy("short", 5, 1), f"passing:{number}")])
    clock.now += 60_000

    for number in range(2000):
        store.take([Layer(Policy("short", 5, 1), f"later:{number}")])

    assert len(store) < 2100


def test_threads_never_take_more_than_there_is() -> None:
    store = MemoryStore()
    layers = [
        Layer(Policy(f"layer-{number}", 100, 3600, Algorithm.LOG), "shared")
        for number in range(5)
    ]

    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: store.take(layers).is_allowed, range(400)))

    assert taken.count(True) == 100
