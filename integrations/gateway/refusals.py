"""Refusals that the security log is told of: at once, but not a million times.

The first refusal of a kind is told when it happens. Of those that follow within a
minute each process counts the number, and tells it with the first of the next minute or
when it has room for no more.
"""

import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID

from django.http import HttpResponseBase

from integrations.gateway.passage import Passage
from integrations.rate_limits.addresses import address_subject
from integrations.rate_limits.policies import BAD_KEYS
from integrations.rate_limits.security import attempt
from organizations.security import SecurityKind, tell

WINDOW_SECONDS = 60.0
#: How many kinds of refusals a process keeps apart; then all are told and forgotten.
MOST = 10_000

#: The statuses that mean a refusal by the door, and what they are in the log.
TOLD = {
    HTTPStatus.FORBIDDEN: SecurityKind.ACCESS_REFUSED,
    HTTPStatus.TOO_MANY_REQUESTS: SecurityKind.LIMIT_EXCEEDED,
}


class Refusal(NamedTuple):
    """What makes two refusals the same."""

    kind: SecurityKind
    organization_id: UUID | None
    address: str
    reason: str
    subject: str


@dataclass(slots=True)
class Since:
    """When a refusal was told, and how many came since."""

    told_at: float
    untold: int = 0


class Tally:
    """The refusals of this process within the last minute."""

    def __init__(self) -> None:
        self._since: dict[Refusal, Since] = {}
        self._lock = threading.Lock()

    def note(self, refusal: Refusal, route: str) -> None:
        """Tell of a refusal, or count it."""
        untold = self._count(refusal)
        if untold is not None:
            _tell(refusal, untold, route)

    def _count(self, refusal: Refusal) -> int | None:
        """Return how many were not told before this one; None to keep silent."""
        now = time.monotonic()
        with self._lock:
            since = self._since.get(refusal)
            if since is not None and now - since.told_at < WINDOW_SECONDS:
                since.untold += 1
                return None
            if len(self._since) >= MOST:
                self._since.clear()
            self._since[refusal] = Since(now)
            return since.untold if since else 0


tally = Tally()


def _tell(refusal: Refusal, untold: int, route: str) -> None:
    tell(
        refusal.kind,
        organization_id=refusal.organization_id,
        subject=refusal.subject,
        reason=refusal.reason,
        address=refusal.address,
        details={"route": route, "untold_before": untold},
    )


def note_bad_credential(
    passage: Passage,
    reason: str,
    route: str,
    *,
    organization_id: UUID | None = None,
    subject: str = "",
) -> None:
    """Tell of a credential that does not hold, and count it against its address."""
    attempt(BAD_KEYS, address_subject(passage.address))
    refusal = Refusal(
        SecurityKind.CREDENTIAL_REFUSED,
        organization_id,
        passage.address,
        reason,
        subject,
    )
    tally.note(refusal, route)


def note(response: HttpResponseBase, passage: Passage, route: str) -> None:
    """Tell of an answer that refuses somebody, whoever said so."""
    access = passage.access
    credential = access.credential if access else None
    refusal = Refusal(
        TOLD[HTTPStatus(response.status_code)],
        access.organization.pk if access else None,
        passage.address,
        getattr(response, "problem_code", ""),
        f"{credential.kind}:{credential.id}" if credential else "",
    )
    tally.note(refusal, route)
