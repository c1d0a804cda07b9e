"""``manage.py allow_limit``: how far an organization may raise its limits."""

from argparse import ArgumentTypeError
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.rate_limits.models import Target, Window
from integrations.rate_limits.rules import Rate
from integrations.rate_limits.services import set_allowance
from organizations.models import Organization


def rate(text: str) -> Rate:
    """Read such as ``5000/hour``."""
    quota, _slash, window = text.partition("/")
    try:
        return Rate(int(quota), Window[window.upper()].value)
    except (KeyError, ValueError) as error:
        raise ArgumentTypeError("say such as 5000/hour (minute, hour, day)") from error


class Command(BaseCommand):
    help = "Let an organization set limits up to a rate, for one target."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--target", required=True, choices=Target.values)
        parser.add_argument("--most", required=True, type=rate, metavar="5000/hour")

    def handle(
        self, *, organization: str, target: str, most: Rate, **options: Any
    ) -> None:
        try:
            found = Organization.objects.get(slug=organization)
            allowance = set_allowance(found, target, most)
        except Organization.DoesNotExist as error:
            raise CommandError(f"There is no organization {organization}.") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(self.style.SUCCESS(f"{found}: {allowance}"))
