"""What happens with keys, told to the log of integration events: never a secret."""

from collections.abc import Iterable

from integrations.audit.events import IntegrationKind, log_integration_event
from organizations.events import Occurrence

#: What is told as something else than a change of the key.
KINDS = {
    "api_key.created": IntegrationKind.KEY_CREATED,
    "api_key.rotated": IntegrationKind.KEY_ROTATED,
    "api_key.revoked": IntegrationKind.KEY_REVOKED,
    "api_key.deleted": IntegrationKind.KEY_REMOVED,
}


def tell(occurrences: Iterable[Occurrence]) -> None:
    """Write down what became of keys, however they were changed."""
    for occurrence in occurrences:
        log_integration_event(
            KINDS.get(occurrence.type, IntegrationKind.KEY_CHANGED),
            organization_id=occurrence.organization_id,
            subject=f"api_key:{occurrence.data['key_id']}",
            reason=occurrence.type.partition(".")[2],
            details={
                "name": occurrence.data["name"],
                "fields": list(occurrence.changes),
            },
        )
