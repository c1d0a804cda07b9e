"""What callers are told of their limits: headers, and the answer 429.

``RateLimit`` and ``RateLimit-Policy`` are draft-ietf-httpapi-ratelimit-headers-10/11,
lists of strings with parameters (RFC 9651); ``X-RateLimit-*`` are for older clients.
"""

from collections.abc import Iterable, Sequence
from http import HTTPStatus

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework import exceptions

from integrations.rate_limits.terms import LayerState, Policy, Verdict

QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"

#: Named by CORS, so that pages of other origins may read them.
EXPOSED_HEADERS = (
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
)


def limit_headers(states: Sequence[LayerState]) -> dict[str, str]:
    """Return the headers that tell these layers; none for no layer."""
    if not states:
        return {}
    tightest = min(states, key=_tightness)
    return {
        "RateLimit-Policy": ", ".join(_policy_item(state.policy) for state in states),
        "RateLimit": ", ".join(_limit_item(state) for state in states),
        # What may come at once, so that it and what remains speak of the same.
        "X-RateLimit-Limit": str(tightest.policy.at_once),
        "X-RateLimit-Remaining": str(tightest.remaining),
        "X-RateLimit-Reset": str(tightest.reset_seconds),
    }


def write_headers(response: HttpResponseBase, states: Iterable[LayerState]) -> None:
    """Say in an answer what is left."""
    for name, value in limit_headers(tuple(states)).items():
        response.headers[name] = value


def _tightness(state: LayerState) -> tuple[float, int]:
    """The least part left; of several, the one that takes longest to get better."""
    return state.remaining / state.policy.at_once, -state.reset_seconds


def _policy_item(policy: Policy) -> str:
    return f'"{policy.name}";q={policy.quota};w={policy.window_seconds}'


def _limit_item(state: LayerState) -> str:
    return f'"{state.policy.name}";r={state.remaining};t={state.reset_seconds}'


class QuotaExceeded(exceptions.APIException):
    """Too many requests: the problem type ``quota-exceeded`` of the same draft.

    REST framework writes ``Retry-After`` from :attr:`wait`.
    """

    status_code = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "quota_exceeded"

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.wait = max(1, verdict.retry_after_seconds)
        super().__init__(_sentence(verdict.violated, self.wait))

    @property
    def headers(self) -> dict[str, str]:
        """What the answer's headers say, ``Retry-After`` included."""
        return {
            **limit_headers(self.verdict.states),
            "Retry-After": str(self.wait),
        }

    @property
    def problem_members(self) -> dict[str, object]:
        """What the problem document says beyond its usual members."""
        return {
            "type": QUOTA_EXCEEDED,
            "title": _("Quota exceeded"),
            "violated-policies": list(self.verdict.violated),
        }


def _sentence(violated: Sequence[str], wait: int) -> str:
    names = ", ".join(f"“{name}”" for name in violated)
    return ngettext(
        "The limit %(names)s is used up. Try again in %(wait)d second.",
        "The limit %(names)s is used up. Try again in %(wait)d seconds.",
        wait,
    ) % {"names": names, "wait": wait}
