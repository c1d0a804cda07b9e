"""Walk the chains of the security and integration logs, and say where one breaks."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.audit.verifying import verify


class Command(BaseCommand):
    """Ends with 1 when a chain is broken."""

    help = (
        "Verify the hash chains of security and integration events: that no row was "
        "changed, removed, inserted or cut off since it was sealed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify()
        for found in report.breaks:
            self.stderr.write(self.style.ERROR(str(found)))
        if report.breaks:
            raise CommandError("The log is not what was sealed.")
        self.stdout.write(
            self.style.SUCCESS(
                f"{report.links} events in {report.chains} chains are as sealed."
            )
        )
