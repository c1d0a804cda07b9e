"""One request's way through the door: who came, what it cost, how it ended."""

import time
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from integrations.api_keys.verification import VerifiedKey
from integrations.rate_limits.limiter import LayerState
from organizations.access import OrganizationAccess

#: What the door stands before; pages have a door of their own, the login.
API_PREFIX = "/api/"


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
    """Return the name of the route, as limits and logs know it: ``api:employee-list``.

    Empty where no address was found.
    """
    found = request.resolver_match
    return found.view_name if found else ""
