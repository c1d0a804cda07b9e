from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class APIKeysConfig(AppConfig):
    name = "integrations.api_keys"
    label = "api_keys"
    verbose_name = _("API keys")
