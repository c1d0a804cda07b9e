"""The webhooks app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """Events that happened, and their delivery to the addresses that asked."""

    name = "integrations.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations.webhooks import auditing, outbox

        outbox.connect()
        auditing.connect()
