"""What touches security, told by whoever notices it and kept by whoever listens.

The kinds are the ones of the OWASP Logging Vocabulary
(https://cheatsheetseries.owasp.org/cheatsheets/Logging_Vocabulary_Cheat_Sheet.html).
Like :mod:`organizations.events`, this is a signal where apps that do not know each
other meet. Never put a secret into ``details``: they are kept for long.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.dispatch import Signal
from django.utils import timezone

from organizations.access import current_access
from organizations.tracing import current_request_id

#: Sent with ``sender=SecurityEvent`` and ``event=SecurityEvent``, in the transaction
#: of whoever tells it, where there is one.
security_event_occurred = Signal()


class SecurityKind(StrEnum):
    """What happened, in OWASP's words."""

    LOGIN_SUCCEEDED = "authn_login_success"
    LOGIN_FAILED = "authn_login_fail"
    LOGIN_FAILED_TOO_OFTEN = "authn_login_fail_max"
    PASSWORD_CHANGED = "authn_password_change"  # noqa: S105
    TOKEN_CREATED = "authn_token_created"  # noqa: S105
    TOKEN_REVOKED = "authn_token_revoked"  # noqa: S105
    TOKEN_REUSED = "authn_token_reuse"  # noqa: S105
    TOKEN_DELETED = "authn_token_delete"  # noqa: S105
    CREDENTIAL_REFUSED = "authn_credential_fail"
    IMPOSSIBLE_TRAVEL = "authn_impossible_travel"
    ACCESS_REFUSED = "authz_fail"
    ACCESS_CHANGED = "authz_change"
    ADMIN_ACTED = "authz_admin"
    LIMIT_EXCEEDED = "excess_rate_limit_exceeded"
    INPUT_REFUSED = "input_validation_fail"
    CANARY_USED = "malicious_canary_used"
    HOSTILE_REQUEST = "malicious_attack_tool"
    FOREIGN_ORIGIN = "malicious_cors"
    DIRECT_REFERENCE = "malicious_direct_reference"
    SENSITIVE_CREATED = "sensitive_create"
    SENSITIVE_READ = "sensitive_read"
    SENSITIVE_CHANGED = "sensitive_update"
    SENSITIVE_DELETED = "sensitive_delete"
    SESSION_CREATED = "session_created"
    SESSION_ENDED = "session_expired"
    USER_CREATED = "user_created"
    USER_CHANGED = "user_updated"
    SYSTEM_STARTED = "sys_startup"
    SYSTEM_DEGRADED = "sys_monitor_disabled"


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """One thing that touches security.

    ``reason`` is a short word for programs, such as ``revoked``; ``subject`` names what
    it is about, as ``api_key:tHt7I8cdpZ3I``; ``address`` is the caller's IP address.
    ``details`` holds plain values for a JSON encoder.
    """

    kind: SecurityKind
    organization_id: UUID | None = None
    actor_type: str = "system"
    actor_id: str | None = None
    subject: str = ""
    reason: str = ""
    address: str = ""
    request_id: str = ""
    occurred_at: datetime = field(default_factory=timezone.now)
    details: Mapping[str, object] = field(default_factory=dict)


def tell(
    kind: SecurityKind,
    *,
    organization_id: UUID | None = None,
    actor_type: str | None = None,
    actor_id: str | None = None,
    subject: str = "",
    reason: str = "",
    address: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Tell that something happened; who acts now is filled in."""
    access = current_access()
    if access and organization_id is None:
        organization_id = access.organization.pk
    if access and actor_type is None:
        actor_type, actor_id = access.actor_type, access.actor_id
    security_event_occurred.send(
        sender=SecurityEvent,
        event=SecurityEvent(
            kind=kind,
            organization_id=organization_id,
            actor_type=actor_type or "system",
            actor_id=actor_id,
            subject=subject,
            reason=reason,
            address=address,
            request_id=current_request_id(),
            details=dict(details or {}),
        ),
    )
