from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.api_keys.keys import Environment
from integrations.api_keys.services import create_key
from organizations.models import Membership, Organization, User
from organizations.roles import Role


class Command(BaseCommand):
    help = "Make an API key and print it, and nothing else: for scripts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", required=True, help="its slug")
        parser.add_argument("--name", required=True, help="which program uses it")
        parser.add_argument(
            "--scopes", required=True, help="such as employees:read,leave:read"
        )
        parser.add_argument(
            "--owner", help="a member's e-mail address; or else the oldest owner"
        )
        parser.add_argument(
            "--environment", choices=list(Environment), default=Environment.LIVE
        )

    def handle(
        self,
        *,
        organization: str,
        name: str,
        scopes: str,
        owner: str | None = None,
        environment: str = Environment.LIVE,
        **options: Any,
    ) -> str:
        try:
            found = Organization.objects.get(slug=organization, closed_at__isnull=True)
        except Organization.DoesNotExist as error:
            raise CommandError(f"There is no organization {organization}.") from error
        try:
            created = create_key(
                found,
                owner=owner_of(found, owner),
                name=name,
                scopes=[scope.strip() for scope in scopes.split(",") if scope.strip()],
                environment=environment,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return created.text


def owner_of(organization: Organization, email: str | None) -> User:
    """Return the member of this address, or the oldest owner.

    Raises:
        CommandError: when there is none.
    """
    members = Membership.objects.for_organization(organization).select_related("user")
    if email:
        members = members.filter(user__email__iexact=email)
    else:
        members = members.filter(role=Role.OWNER, user__is_active=True)
    member = members.order_by("created_at", "pk").first()
    if member is None:
        raise CommandError("There is no such member. Name one with --owner.")
    return member.user
