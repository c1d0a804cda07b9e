from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatewayConfig(AppConfig):
    name = "integrations.gateway"
    label = "gateway"
    verbose_name = _("API gateway")

    def ready(self) -> None:
        from integrations.gateway import cors, schemes  # noqa: F401

        cors.connect()
