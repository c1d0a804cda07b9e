"""Refusals that the security log is told of: at once, but not a million times."""

from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponseBase

from integrations.audit.repeated import Repeated, tally
from integrations.gateway.passage import Passage
from integrations.rate_limits.addresses import address_subject
from integrations.rate_limits.policies import BAD_KEYS
from integrations.rate_limits.security import attempt
from organizations.security import SecurityKind

#: The statuses that mean a refusal by the door, and what they are in the log.
TOLD = {
    HTTPStatus.FORBIDDEN: SecurityKind.ACCESS_REFUSED,
    HTTPStatus.TOO_MANY_REQUESTS: SecurityKind.LIMIT_EXCEEDED,
}


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
    refusal = Repeated(
        SecurityKind.CREDENTIAL_REFUSED,
        organization_id,
        passage.address,
        reason,
        subject,
    )
    tally.note(refusal, route=route)


def note(response: HttpResponseBase, passage: Passage, route: str) -> None:
    """Tell of an answer that refuses somebody, whoever said so."""
    access = passage.access
    credential = access.credential if access else None
    refusal = Repeated(
        TOLD[HTTPStatus(response.status_code)],
        access.organization.pk if access else None,
        passage.address,
        getattr(response, "problem_code", ""),
        f"{credential.kind}:{credential.id}" if credential else "",
    )
    tally.note(refusal, route=route)
