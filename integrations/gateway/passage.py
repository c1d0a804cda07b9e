"""One request's way through the door: who came, what it cost, how it ended."""

import re
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve

from integrations.api_keys.verification import VerifiedKey
from integrations.rate_limits.limiter import LayerState
from organizations.access import OrganizationAccess

#: What the door stands before; pages have a door of their own, the login.
API_PREFIX = "/api/"
#: Whose calls are accounted for.
LOGGED_PREFIXES = (API_PREFIX, "/oauth/")
#: Where tokens are got, renewed and ended.
TOKEN_PREFIX = "/api/v1/auth/token/"  # noqa: S105


@dataclass(slots=True)
class Passage:
    """What is known of a request so far.

    ``address`` is the client's IP address. ``known_key`` is an API key that needs no
    look at the database; its limits are asked for together with those that hold before
    authentication, in one round trip. ``epoch`` is the limit store's, as it was before
    a key's row was read (see :mod:`integrations.api_keys.verification`).
    """

    address: str
    known_key: VerifiedKey | None = None
    shows_unknown_credential: bool = False
    asks_for_token: bool = False
    access: OrganizationAccess | None = None
    states: tuple[LayerState, ...] = ()
    epoch: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    begun_ns: int = field(default_factory=time.perf_counter_ns)

    @property
    def duration_us(self) -> int:
        """Microseconds since the request came."""
        return (time.perf_counter_ns() - self.begun_ns) // 1000


def passage_of(request: HttpRequest) -> Passage:
    """Return the passage that the middleware opened for the request."""
    carrier: Any = request
    passage: Passage = carrier.passage
    return passage


def route_of(request: HttpRequest) -> str:
    """Return the route as the log knows it: ``/api/v1/employees/{pk}/``.

    Empty where no address was found.
    """
    found = request.resolver_match or _asked_about(request)
    return _readable(found.route) if found else ""


def _asked_about(request: HttpRequest) -> ResolverMatch | None:
    """Return what a preflight asks about: it is answered before that is looked up."""
    if request.method != "OPTIONS":
        return None
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


@lru_cache(maxsize=1000)
def _readable(route: str) -> str:
    """Turn Django's patterns, the router's regular expressions too, into words."""
    named = re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", _parameter, route)
    return "/" + re.sub(r"[\^$\\]|\\Z", "", named)


def _parameter(found: re.Match[str]) -> str:
    return f"{{{found[1] or found[2]}}}"
