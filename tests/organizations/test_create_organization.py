import re

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from organizations.models import Membership, Organization
from organizations.roles import Role

COMMAND = ["create_organization", "Acme GmbH", "acme", "boss@acme.example"]
OPTIONS = ["--country", "DE", "--time-zone", "Europe/Berlin"]


@pytest.mark.django_db
def test_command_opens_an_organization_whose_owner_chooses_a_password(
    client: Client,
) -> None:
    call_command(*COMMAND, *OPTIONS)

    organization = Organization.objects.get()
    assert (organization.name, organization.slug) == ("Acme GmbH", "acme")
    assert (organization.country, organization.time_zone) == ("DE", "Europe/Berlin")
    membership = Membership.objects.for_organization(organization).get()
    assert (membership.user.email, membership.role) == (
        "boss@acme.example",
        Role.OWNER,
    )
    [invitation] = mail.outbox
    assert invitation.to == ["boss@acme.example"]
    [path] = re.findall(r"https?://[^/]+(/account/\S+)", str(invitation.body))
    assert client.get(path, follow=True).status_code == 200


@pytest.mark.django_db
def test_command_says_what_is_wrong_and_changes_nothing() -> None:
    call_command(*COMMAND, *OPTIONS)

    with pytest.raises(CommandError, match="Slug already exists"):
        call_command(*COMMAND, *OPTIONS)
    with pytest.raises(CommandError):
        call_command("create_organization", "B", "b", "no address", *OPTIONS)

    assert Organization.objects.count() == 1
    assert len(mail.outbox) == 1
