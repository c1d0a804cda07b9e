"""The three ways of counting, as values in and values out; no store, no clock.

They are ``stores/take.lua`` in Python: whole numbers of ms, exact. Every count says
when at most ``room`` requests will be in use (``moment``), which answers all questions:
whether one more fits, how long to wait for it, and when there is more.
"""

from dataclasses import dataclass
from typing import Protocol, Self

from integrations.rate_limits.terms import Algorithm, LayerState, Policy


class Count(Protocol):
    """What is known of one layer. Immutable: counting returns the next one."""

    @property
    def expires_at(self) -> int:
        """When it can be forgotten, in ms: from then on it says nothing."""

    def moment(self, policy: Policy, room: int, now: int) -> int:
        """Return from when on at most ``room`` are used, in ms."""

    def remaining(self, policy: Policy, now: int) -> int:
        """Return how many more fit now."""

    def counted(self, policy: Policy, now: int) -> Self:
        """Return the count with one more."""


@dataclass(frozen=True, slots=True)
class WindowCount:
    """Sliding-window counter: this window's requests, and part of the last one's."""

    index: int
    current: int
    previous: int
    window_ms: int

    @property
    def expires_at(self) -> int:
        return (self.index + 2) * self.window_ms

    def moment(self, policy: Policy, room: int, now: int) -> int:
        start, width = self.index * self.window_ms, self.window_ms
        left = (room - self.current) * width
        if left >= 0:
            if not self.previous:
                return start
            return start + max(0, width - left // self.previous)
        return start + width + max(0, width - room * width // self.current)

    def remaining(self, policy: Policy, now: int) -> int:
        width = self.window_ms
        elapsed = max(0, now - self.index * width)
        used = self.current * width + self.previous * (width - elapsed)
        return max(0, (policy.quota * width - used) // width)

    def counted(self, policy: Policy, now: int) -> "WindowCount":
        return WindowCount(self.index, self.current + 1, self.previous, self.window_ms)


@dataclass(frozen=True, slots=True)
class BurstCount:
    """A bucket: ``level`` is in requests times window_ms, and leaks quota each ms."""

    level: int
    at: int
    expires_at: int

    def moment(self, policy: Policy, room: int, now: int) -> int:
        excess = max(0, self.level - room * policy.window_seconds * 1000)
        return self.at - (-excess // policy.quota)

    def remaining(self, policy: Policy, now: int) -> int:
        width = policy.window_seconds * 1000
        return max(0, (policy.at_once * width - self.level) // width)

    def counted(self, policy: Policy, now: int) -> "BurstCount":
        level = self.level + policy.window_seconds * 1000
        return BurstCount(level, self.at, self.at - (-level // policy.quota))


@dataclass(frozen=True, slots=True)
class LogCount:
    """The moments of all requests in the window, oldest first."""

    moments: tuple[int, ...]
    window_ms: int

    @property
    def expires_at(self) -> int:
        return self.moments[-1] + self.window_ms if self.moments else 0

    def moment(self, policy: Policy, room: int, now: int) -> int:
        surplus = len(self.moments) - room
        return now if surplus <= 0 else self.moments[surplus - 1] + self.window_ms

    def remaining(self, policy: Policy, now: int) -> int:
        return max(0, policy.quota - len(self.moments))

    def counted(self, policy: Policy, now: int) -> "LogCount":
        latest = max((now, *self.moments[-1:]))
        return LogCount((*self.moments, latest), self.window_ms)


def as_of(policy: Policy, known: Count | None, now: int) -> Count:
    """Return what of ``known`` still counts now; a clock set back changes nothing."""
    width = policy.window_seconds * 1000
    match policy.algorithm, known:
        case Algorithm.WINDOW, WindowCount() as window:
            return _window_as_of(window, now)
        case Algorithm.WINDOW, _:
            return WindowCount(now // width, 0, 0, width)
        case Algorithm.BURST, BurstCount() as burst:
            if burst.at > now:
                return burst
            level = max(0, burst.level - (now - burst.at) * policy.quota)
            return BurstCount(level, now, burst.expires_at)
        case Algorithm.BURST, _:
            return BurstCount(0, now, now)
        case _, LogCount(moments=moments):
            return LogCount(tuple(at for at in moments if at > now - width), width)
    return LogCount((), width)


def _window_as_of(known: WindowCount, now: int) -> WindowCount:
    index = now // known.window_ms
    if known.index >= index:
        return known
    previous = known.current if known.index == index - 1 else 0
    return WindowCount(index, 0, previous, known.window_ms)


def wait_ms(policy: Policy, count: Count, now: int) -> int:
    """Return how long until one more fits, in ms; 0 when it fits now."""
    return max(0, count.moment(policy, policy.at_once - 1, now) - now)


def state_of(policy: Policy, count: Count, now: int) -> LayerState:
    """Return what headers say of a layer."""
    remaining = count.remaining(policy, now)
    reset_ms = 0
    if remaining < policy.at_once:
        reset_ms = count.moment(policy, policy.at_once - remaining - 1, now) - now
    return LayerState(
        policy, remaining, -(-max(0, reset_ms) // 1000), wait_ms(policy, count, now)
    )
