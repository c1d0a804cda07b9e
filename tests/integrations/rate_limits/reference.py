"""What the three algorithms mean, by definition: slow, exact, and written apart."""

from dataclasses import dataclass, field
from fractions import Fraction

from integrations.rate_limits.terms import Algorithm, Layer, Policy


@dataclass
class Reference:
    """Remembers every accepted request of every layer, and decides by its history."""

    accepted: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def take(self, layers: list[Layer], now: int) -> tuple[bool, list[str]]:
        violated = [layer.policy.name for layer in layers if not self.fits(layer, now)]
        if not violated:
            for layer in layers:
                if layer.is_counted:
                    self.history(layer).append(now)
        return not violated, violated

    def history(self, layer: Layer) -> list[int]:
        return self.accepted.setdefault((layer.policy.name, layer.subject), [])

    def fits(self, layer: Layer, now: int) -> bool:
        used = USED[layer.policy.algorithm](layer.policy, self.history(layer), now)
        return used + 1 <= layer.policy.at_once


def window_used(policy: Policy, history: list[int], now: int) -> Fraction:
    width = policy.window_seconds * 1000
    start = now - now % width
    current = sum(start <= moment for moment in history)
    previous = sum(start - width <= moment < start for moment in history)
    return current + previous * (1 - Fraction(now - start, width))


def burst_used(policy: Policy, history: list[int], now: int) -> Fraction:
    """The generic cell rate algorithm, by its theoretical arrival time (ITU I.371)."""
    interval = Fraction(policy.window_seconds * 1000, policy.quota)
    arrival = Fraction(0)
    for moment in history:
        arrival = max(arrival, Fraction(moment)) + interval
    return max(Fraction(0), arrival - now) / interval


def log_used(policy: Policy, history: list[int], now: int) -> Fraction:
    width = policy.window_seconds * 1000
    return Fraction(sum(moment > now - width for moment in history))


USED = {
    Algorithm.WINDOW: window_used,
    Algorithm.BURST: burst_used,
    Algorithm.LOG: log_used,
}


def worst_window(moments: list[int], width: int) -> int:
    """Return the most requests that any half-open window of ``width`` holds."""
    first = most = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - width:
            first += 1
        most = max(most, last - first + 1)
    return most
