"""Bring the database up to date; in demo mode, fill it on the first run.

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
    """Migrate, and load what is missing of the demo organization."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "people_hr.settings")
    django.setup()
    if is_behind():
        call_command("migrate", interactive=False, verbosity=1)
    if settings.DEMO:
        call_command("load_demo")
    heartbeats.forget_all()


def is_behind() -> bool:
    """Say whether a migration has not been applied yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


if __name__ == "__main__":
    main()
