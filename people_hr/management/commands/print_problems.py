"""Print ``docs/problems.md``: ``script/manage print_problems > docs/problems.md``."""

from typing import Any

from django.core.management.base import BaseCommand

from people_hr.problem_catalogue import problems_document


class Command(BaseCommand):
    help = "Print the table of problems, as docs/problems.md holds it."

    def handle(self, **options: Any) -> None:
        self.stdout.write(problems_document(), ending="")
