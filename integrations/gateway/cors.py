"""Which pages of other origins may read answers: those of the caller's organization.

``django-cors-headers`` writes the headers; it asks here. A preflight shows no
credential, so it is enough that any open organization lists the origin. The answer
itself may be read only by an origin of the organization whose credential was shown.
Where none was, or none that holds, there is nothing of an organization in it, and every
listed origin may read why. Cookies never count: credentials are not allowed.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from corsheaders.signals import check_request_enabled
from django.db import DatabaseError
from django.http import HttpRequest

from integrations.gateway.models import AllowedOrigin
from integrations.gateway.passage import API_PREFIX

#: How long what was read is believed; a change counts everywhere within two seconds.
HELD_SECONDS = 1.5

NO_ORIGINS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Listed:
    """The origins of all open organizations, as they were read."""

    read_at: float
    of: Mapping[UUID, frozenset[str]]
    all: frozenset[str]


_held: Listed | None = None


def listed() -> Listed:
    """Return the origins, as of at most 1.5 s ago, or older while out of reach."""
    global _held
    now = time.monotonic()
    if _held is None or now - _held.read_at > HELD_SECONDS:
        try:
            _held = _read(now)
        except DatabaseError:
            # The answer at hand is about this already; it must not become another one.
            return _held or Listed(now, {}, NO_ORIGINS)
    return _held


def forget() -> None:
    """Read the origins anew before the next request of this process."""
    global _held
    _held = None


def _read(now: float) -> Listed:
    # Unfenced: these are the origins of everybody.
    rows = AllowedOrigin._base_manager.filter(organization__closed_at__isnull=True)
    of: dict[UUID, set[str]] = {}
    for organization_id, origin in rows.values_list("organization_id", "origin"):
        of.setdefault(organization_id, set()).add(origin)
    frozen = {key: frozenset(origins) for key, origins in of.items()}
    return Listed(now, frozen, NO_ORIGINS.union(*frozen.values()))


def may_read(sender: object, request: HttpRequest, **signal: object) -> bool:
    """Say whether pages of the request's origin may read the answer."""
    origin = request.headers.get("Origin")
    if not origin or not request.path_info.startswith(API_PREFIX):
        return False
    held = listed()
    whose = caller_of(request)
    return origin in (held.all if whose is None else held.of.get(whose, NO_ORIGINS))


def caller_of(request: Any) -> UUID | None:
    """Return the organization whose credential was shown, or whose tokens are given."""
    passage = getattr(request, "passage", None)
    if passage is not None and passage.access is not None:
        found: UUID = passage.access.organization.pk
        return found
    given: UUID | None = getattr(request, "gives_tokens_of", None)
    organization = getattr(request, "organization", None)
    return given or (organization.pk if organization else None)


def connect() -> None:
    """Let ``django-cors-headers`` ask."""
    check_request_enabled.connect(may_read, dispatch_uid="gateway-cors")
