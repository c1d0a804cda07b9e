from typing import Any

from django.apps import AppConfig, apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    name = "organizations"
    verbose_name = _("Organization")

    def ready(self) -> None:
        from organizations import checks, declarations, receivers  # noqa: F401

        post_migrate.connect(make_signing_keys, sender=self)


def make_signing_keys(apps: Apps = apps, **signal: Any) -> None:
    """Give a new installation its first signing keys, before anybody logs in.

    ``apps`` is as the migrations left it: going back there may be no such table.
    """
    from organizations.tokens.keys import ensure_keys

    if "signingkey" in apps.all_models["organizations"]:
        ensure_keys()
