"""The words of the limiter: what is limited, by how much, and what came of asking."""

from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

#: An exact log keeps a moment for each request, so it is for small quotas.
LOG_QUOTA_MOST = 100
#: What the store's arithmetic (53 bits) holds with room to spare.
QUOTA_MOST = 1_000_000
WINDOW_SECONDS_MOST = 31 * 86_400
#: A burst may be this part of its quota at once.
BURST_PART = 4


class Algorithm(TextChoices):
    """How requests are counted; docs/limits.md says what each guarantees.

    ``WINDOW`` is a sliding-window counter: two numbers, the last window's weighed by
    how much of it is still in sight. ``BURST`` is the generic cell rate algorithm, as
    a bucket that leaks evenly. ``LOG`` remembers every moment.
    """

    WINDOW = "w", _("quota")
    BURST = "b", _("burst")
    LOG = "l", _("exact")


@dataclass(frozen=True, slots=True)
class Policy:
    """How much is allowed: ``quota`` requests in any ``window_seconds``.

    ``name`` is what headers and problem documents call it. ``burst``, for
    :attr:`Algorithm.BURST` alone, is how much of the quota may come at once.

    Raises:
        ValueError: for numbers that make no sense or that the store cannot count.
    """

    name: str
    quota: int
    window_seconds: int
    algorithm: Algorithm = Algorithm.WINDOW
    burst: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.quota <= QUOTA_MOST:
            raise ValueError(f"A quota is a number from 1 to {QUOTA_MOST}.")
        if not 1 <= self.window_seconds <= WINDOW_SECONDS_MOST:
            raise ValueError(f"A window is 1 to {WINDOW_SECONDS_MOST} seconds.")
        if self.algorithm == Algorithm.LOG and self.quota > LOG_QUOTA_MOST:
            raise ValueError(f"An exact log counts up to {LOG_QUOTA_MOST}.")
        if self.algorithm != Algorithm.BURST:
            return
        if self.burst is None:
            object.__setattr__(self, "burst", max(1, self.quota // BURST_PART))
        if not 1 <= self.at_once <= self.quota:
            raise ValueError("A burst is a number from 1 to the quota.")

    @property
    def at_once(self) -> int:
        """How many requests may come in the same moment."""
        return self.burst or self.quota


class Layer(NamedTuple):
    """One policy for one subject, such as ``key:tHt7I8cdpZ3I``.

    Where ``is_counted`` is false the request must fit, but does not count: what counts
    there is told by somebody else, as bad keys are.
    """

    policy: Policy
    subject: str
    is_counted: bool = True


class LayerState(NamedTuple):
    """What is left of a layer.

    ``reset_seconds`` is how long until there is more, rounded up; ``wait_ms`` how long
    until one more request fits, exactly: 0 where it fits now.
    """

    policy: Policy
    remaining: int
    reset_seconds: int
    wait_ms: int = 0


class Stamp(NamedTuple):
    """What must stand in the store under ``name`` for a request to be taken."""

    name: str
    value: str


class Verdict(NamedTuple):
    """What came of asking.

    Where it is not allowed, nothing was counted anywhere. ``violated`` names the
    policies that refused, in the order of the layers. ``is_degraded``: the store did
    not answer, and this process counted by itself. ``epoch`` changes whenever the store
    has lost what it knew, ``rules`` also when a rule was changed; both are empty where
    no store answered.
    """

    is_allowed: bool
    states: tuple[LayerState, ...]
    violated: tuple[str, ...]
    retry_after_seconds: int
    is_degraded: bool = False
    is_stamp_good: bool = False
    epoch: str = ""
    rules: str = ""
