"""Bring database and static files up to date; in demo mode, load the demo.

A process of its own, so that the supervisor stays small.
"""

import os

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from integrations.monitoring import heartbeats


def main() -> None:
    """Migrate, and make ready what this mode needs: collected files, or the demo."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "people_hr.settings")
    django.setup()
    if is_behind():
        call_command("migrate", interactive=False, verbosity=1)
    if not settings.WHITENOISE_USE_FINDERS:
        call_command("collectstatic", interactive=False, verbosity=0)
    if settings.DEMO:
        call_command("load_demo")
    heartbeats.forget_all()


def is_behind() -> bool:
    """Say whether a migration has not been applied yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


if __name__ == "__main__":
    main()
