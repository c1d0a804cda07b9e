"""Load the demo organizations: ``manage.py load_demo``."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from people_hr.demo.loading import ACCOUNTS, PASSWORD, load_demo


class Command(BaseCommand):
    help = "Load the demo organizations where they are missing; in demo mode alone."

    def handle(self, **options: Any) -> None:
        try:
            done = load_demo()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        for what in done:
            self.stdout.write(self.style.SUCCESS(f"Loaded {what}."))
        if done:
            emails = ", ".join(email for email, _role, _number in ACCOUNTS)
            self.stdout.write(f"Log in as {emails}; the password is “{PASSWORD}”.")
        else:
            self.stdout.write("The demo is loaded already.")
