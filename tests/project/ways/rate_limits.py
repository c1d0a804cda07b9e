"""What is done with limits: settings, which end no event."""

from tests.project.ways.stage import SILENT

SILENT.update(
    {
        "admin rate_limits_*": "limits are settings: told as security events",
        "admin rate_limits.limitrule action delete_selected": "the same",
        "command allow_limit": "the same",
        "service integrations.rate_limits.services.*": "the same",
    }
)
