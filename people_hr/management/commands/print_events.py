"""Print ``docs/events.md``: ``script/manage print_events > docs/events.md``."""

from typing import Any

from django.core.management.base import BaseCommand

from people_hr.event_catalogue import catalogue


class Command(BaseCommand):
    help = "Print the catalogue of events, as docs/events.md holds it."

    def handle(self, **options: Any) -> None:
        self.stdout.write(catalogue(), ending="")
