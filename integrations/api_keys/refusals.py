"""Why a key is refused; for logs alone. The caller is told nothing of it."""

from enum import StrEnum
from uuid import UUID


class Reason(StrEnum):
    """What was wrong with a key."""

    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    BAD_SECRET = "bad_secret"  # noqa: S105
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    DISABLED = "disabled"
    OWNER_GONE = "owner_gone"
    ORGANIZATION_CLOSED = "organization_closed"
    FROZEN = "frozen"
    CANARY = "canary"
    BUSY = "busy"


class Refused(Exception):
    """A key is not accepted.

    All reasons but one get the same answer, 401; ``busy`` means that the key was not
    looked at, as too many are being verified: 503, and come again. ``organization_id``
    and ``key_id`` are said only where the whole key was right, or its id exists.
    """

    def __init__(
        self,
        reason: Reason,
        *,
        organization_id: UUID | None = None,
        key_id: str | None = None,
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.organization_id = organization_id
        self.key_id = key_id
