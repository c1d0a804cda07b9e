from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OAuthConfig(AppConfig):
    name = "integrations.oauth"
    label = "oauth"
    verbose_name = _("Apps and logins")

    def ready(self) -> None:
        from integrations.oauth import auditing, events  # noqa: F401

        auditing.connect()
