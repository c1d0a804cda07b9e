"""HR's side of webhooks: endpoints, deliveries, and the log of events."""

from integrations.webhooks.admin.deliveries import DeliveryAdmin
from integrations.webhooks.admin.endpoints import EndpointAdmin
from integrations.webhooks.admin.events import EventAdmin

__all__ = ["DeliveryAdmin", "EndpointAdmin", "EventAdmin"]
