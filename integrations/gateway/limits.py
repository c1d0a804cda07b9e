"""When a request is counted, and against which limits.

Two round trips to the store at most: before it is known who comes (the installation as
a whole, the network address) and after (key or user, endpoint, organization). A key
that is known by heart takes one, for both and for its stamp.
"""

from django.conf import settings
from django.http import HttpRequest

from integrations.api_keys.verification import VerifiedKey
from integrations.gateway.passage import Passage
from integrations.rate_limits import policies
from integrations.rate_limits.headers import QuotaExceeded
from integrations.rate_limits.limiter import Verdict, take
from integrations.rate_limits.policies import layers_after, layers_before


def route_of(request: HttpRequest) -> str:
    """Return what rules and notes of use call the route: ``api:employee-list read``."""
    found = request.resolver_match
    return policies.route_of(found.view_name if found else "", request.method or "")


def charge_before(passage: Passage) -> None:
    """Count a request of whoever it may be.

    Whoever shows a credential that is not known by heart must not have shown too many
    bad ones lately, nor who asks for a token have been refused too often.

    Raises:
        QuotaExceeded: above a limit.
    """
    layers = layers_before(
        passage.address,
        shows_credential=passage.shows_unknown_credential,
        asks_for_token=passage.asks_for_token,
    )
    _settle(passage, take(layers))


def charge(passage: Passage, route: str) -> None:
    """Count a request of whom we know now.

    Raises:
        QuotaExceeded: above a limit.
    """
    assert passage.access is not None
    _settle(passage, take(layers_after(passage.access, route)))


def charge_all(passage: Passage, known: VerifiedKey, route: str) -> bool:
    """Count a request of a key known by heart, if its stamp still stands.

    False means that nothing was counted and the key's row must be read.

    Raises:
        QuotaExceeded: above a limit.
    """
    layers = [
        *layers_before(passage.address, shows_credential=False),
        *layers_after(known.access, route),
    ]
    verdict = take(layers, stamp=known.stamp)
    if not (verdict.is_stamp_good and known.is_fresh()):
        return False
    _settle(passage, verdict)
    return True


def _settle(passage: Passage, verdict: Verdict) -> None:
    # Security limits are nobody's quota: told only to those who have gone beyond.
    passage.states += tuple(
        state
        for state in verdict.states
        if state.policy.name not in settings.SECURITY_LIMITS
    )
    passage.epoch = verdict.epoch
    if not verdict.is_allowed:
        raise QuotaExceeded(verdict)
