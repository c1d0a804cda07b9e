"""Limits that attackers meet: exact, and never open.

Every attempt is kept with its moment, so no window of time ever sees more than the
quota. This process also keeps its own log beside the store's. So an attacker gains
nothing when the store goes away or comes back, and one who is refused here costs no
round trip.
"""

from functools import cache

from integrations.rate_limits.limiter import Layer, Verdict, limiter
from integrations.rate_limits.policies import default_policy
from integrations.rate_limits.stores.memory import MemoryStore


@cache
def own_log() -> MemoryStore:
    """Return this process's log of attempts: apart, so that no quota evicts it."""
    return MemoryStore(most=50_000)


def attempt(policy_name: str, subject: str) -> Verdict:
    """Count one attempt, unless there were too many.

    ``policy_name`` is one of ``settings.SECURITY_LIMITS``; ``subject`` is whose
    attempts are counted together, such as ``address:203.0.113.7``.
    """
    layers = [Layer(default_policy(policy_name), subject)]
    own = own_log().take(layers, counts=False)
    if not own.is_allowed:
        return own
    verdict = limiter().take(layers)
    if verdict.is_allowed:
        own_log().take(layers)
    return verdict


def remaining(policy_name: str, subject: str) -> Verdict:
    """Return what :func:`attempt` would say, and count nothing."""
    layers = [Layer(default_policy(policy_name), subject)]
    own = own_log().take(layers, counts=False)
    return own if not own.is_allowed else limiter().take(layers, counts=False)
