"""What the health endpoint says of the limits."""

from integrations.monitoring.health import PartHealth
from integrations.rate_limits.limiter import limiter


def check_limits() -> PartHealth:
    """Say whether this process counts together with the others."""
    verdict = limiter().peek_store()
    if verdict.is_degraded:
        reason = "counted by each process: the store does not answer"
        return PartHealth("limits", is_ok=False, reason=reason)
    return PartHealth("limits", is_ok=True)
