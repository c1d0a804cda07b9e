"""The audit app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """Logs: calls of the API, security events, what happened with other systems."""

    name = "integrations.audit"
    label = "audit"
    verbose_name = _("Logs")

    def ready(self) -> None:
        from integrations.audit import events, metrics
        from integrations.monitoring.metrics import register

        events.connect()
        register(metrics.metrics)
