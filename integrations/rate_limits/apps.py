from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RateLimitsConfig(AppConfig):
    """How much callers may ask for, and who counts."""

    name = "integrations.rate_limits"
    label = "rate_limits"
    verbose_name = _("Rate limits")

    def ready(self) -> None:
        from integrations.monitoring.health import add_check
        from integrations.monitoring.metrics import register
        from integrations.rate_limits import metrics
        from integrations.rate_limits.probes import check_limits

        add_check(check_limits)
        register(metrics.metrics)
