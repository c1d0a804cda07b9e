"""The way out: the only outgoing HTTP, and the addresses that it may go to."""

from integrations.webhooks.egress.addresses import (
    EgressPolicy,
    validate_endpoint_url,
)
from integrations.webhooks.egress.engine import (
    EgressEngine,
    EgressLimits,
    Outcome,
)

__all__ = [
    "EgressEngine",
    "EgressLimits",
    "EgressPolicy",
    "Outcome",
    "validate_endpoint_url",
]
