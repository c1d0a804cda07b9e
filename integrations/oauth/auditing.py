"""What happens with apps, told to the log of integration events: never a secret."""

from typing import Any

from integrations.audit.events import IntegrationKind, log_integration_event
from integrations.oauth.models import Application
from organizations.events import Occurrence, event_occurred

#: What is told as something else than a change of the app.
KINDS = {
    "oauth_app.created": IntegrationKind.APP_ADDED,
    "oauth_app.deleted": IntegrationKind.APP_REMOVED,
}


def connect() -> None:
    """Listen to what becomes of apps, by whatever way they are written."""
    event_occurred.connect(_tell, sender=Application, dispatch_uid="oauth-app-log")


def _tell(
    sender: type[Application], occurrences: list[Occurrence], **signal: Any
) -> None:
    for occurrence in occurrences:
        log_integration_event(
            KINDS.get(occurrence.type, IntegrationKind.APP_CHANGED),
            organization_id=occurrence.organization_id,
            subject=f"oauth_app:{occurrence.data['client_id']}",
            reason=occurrence.type.partition(".")[2],
            details={
                "name": occurrence.data["name"],
                "fields": list(occurrence.changes),
            },
        )
