from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from organizations.invitations import send_invitation
from organizations.models import Membership
from organizations.services import create_organization


class Command(BaseCommand):
    help = "Open an organization and invite its first owner by mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what people call it, such as 'Acme GmbH'")
        parser.add_argument("slug", help="its short name in addresses, such as acme")
        parser.add_argument("owner", help="e-mail address of the first owner")
        parser.add_argument("--country", required=True, help="ISO code, such as DE")
        parser.add_argument("--time-zone", default="UTC", help="such as Europe/Berlin")

    @transaction.atomic
    def handle(
        self,
        *,
        name: str,
        slug: str,
        owner: str,
        country: str,
        time_zone: str,
        **options: Any,
    ) -> None:
        try:
            organization = create_organization(
                name=name,
                slug=slug,
                country=country,
                time_zone=time_zone,
                owner_email=owner,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        membership = Membership.objects.for_organization(organization).get()
        send_invitation(membership)
        self.stdout.write(
            self.style.SUCCESS(f"Opened {organization.name}; invited {owner}.")
        )
        if not settings.EMAIL_HOST:
            self.stdout.write(f"The mail lies in {settings.EMAIL_FILE_PATH}.")
