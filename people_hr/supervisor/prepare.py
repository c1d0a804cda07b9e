"""Bring the database up to date; in demo mode, fill it on the first run.

A process of its own, so that the supervisor stays small.
"""

import os

import django
from django.conf import settings
from django.core.management import call_command


def main() -> None:
    """Migrate, and load what is missing of the demo organization."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "people_hr.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    if settings.DEMO:
        call_command("load_demo")


if __name__ == "__main__":
    main()
