"""What is done at the door: settings and bookkeeping, which end no event."""

from tests.project.ways.stage import SILENT

SILENT.update(
    {
        "admin gateway_*": "origins are settings: told as security events",
        "admin gateway.allowedorigin action delete_selected": "the same",
        "* api:allowed-origin-*": "the same",
        "service integrations.gateway.services.*": "the same",
        "page problem*": "explains what the API answers",
        "task integrations.gateway.tasks.prune_kept_answers": "forgets answers",
    }
)
