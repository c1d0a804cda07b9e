"""The app of API keys."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class APIKeysConfig(AppConfig):
    """Keys of programs: made, verified, watched and ended."""

    name = "integrations.api_keys"
    label = "api_keys"
    verbose_name = _("API keys")

    def ready(self) -> None:
        from integrations.api_keys import (  # noqa: F401
            events,
            metrics,
            receivers,
            using,
        )
        from integrations.audit.calls import call_log
        from integrations.monitoring.metrics import register

        receivers.connect()
        register(metrics.metrics)
        if using.notes.write not in call_log.companions:
            call_log.companions.append(using.notes.write)
