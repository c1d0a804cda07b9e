"""The pages of API keys."""

import re

import pytest
from django.core.management import CommandError, call_command

from integrations.api_keys.models import ApiKey, KeyPolicy
from integrations.api_keys.refusals import Refused
from integrations.api_keys.services import freeze_keys_of
from integrations.api_keys.verification import verify
from organizations.roles import Role
from tests.factories import DepartmentFactory
from tests.factories.api_keys import ApiKeyFactory

pytestmark = pytest.mark.django_db

PAYROLL = {"name": "Payroll", "environment": "live", "scopes": ["employees:read"]}


def shown_key(response):
    found = re.search(r'value="(phr_[^"]+)"', response.content.decode())
    return found and found[1]


def test_new_key_is_shown_this_once(member_client):
    client = member_client(Role.OWNER)
    department = DepartmentFactory(organization=client.membership.organization)

    made = client.post(
        "/api-keys/new/", PAYROLL | {"reach_departments": [department.pk]}
    )

    key = ApiKey.objects.get()
    assert made["Cache-Control"] == "no-store"
    assert verify(shown_key(made)).id == key.pk
    assert key.reach == {"departments": [str(department.pk)]}
    assert shown_key(client.get(f"/api-keys/{key.pk}/")) is None


def test_form_offers_what_the_member_holds_in_groups(member_client):
    page = member_client(Role.HR_ADMIN).get("/api-keys/new/").content.decode()

    assert 'value="employees:read_personal"' in page
    assert 'value="organization:manage"' not in page


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_as_many_queries_for_one_as_for_three(
    count, member_client, django_assert_max_num_queries
):
    client = member_client(Role.OWNER)
    ApiKeyFactory.create_batch(count, organization=client.membership.organization)

    with django_assert_max_num_queries(15):
        page = client.get("/api-keys/").content.decode()

    assert page.count("phr_live_") == count


def test_frozen_key_asks_to_be_taken_over(member_client):
    client = member_client(Role.OWNER)
    key = ApiKeyFactory(organization=client.membership.organization)
    freeze_keys_of(key.owner)

    assert "has left" in client.get("/api-keys/").content.decode()
    assert "since their owner left" in client.get("/admin/").content.decode()
    client.post(f"/api-keys/{key.pk}/act/", {"act": "adopt"})

    assert verify(key.text)
    key.refresh_from_db()
    assert key.owner == client.membership.user


def test_key_is_rotated_and_the_new_one_shown(member_client):
    client = member_client(Role.OWNER)
    key = ApiKeyFactory(organization=client.membership.organization)

    made = client.post(f"/api-keys/{key.pk}/rotate/", {"overlap_hours": 0})

    assert verify(shown_key(made))
    with pytest.raises(Refused):
        verify(key.text)


def test_wrong_network_is_told_at_its_field(member_client):
    client = member_client(Role.OWNER)

    page = client.post("/api-keys/new/", PAYROLL | {"networks": "10.0.0.1/8"})

    assert page.context["form"].errors["networks"]
    assert not ApiKey.objects.exists()


def test_owner_says_how_long_keys_live(member_client):
    member_client(Role.OWNER).post("/api-keys/policy/", {"max_lifetime_days": "30"})

    assert KeyPolicy.objects.get().max_lifetime_days == 30


def test_other_organizations_keys_are_not_found(member_client):
    client = member_client(Role.OWNER)
    foreign = ApiKeyFactory()

    assert client.get(f"/api-keys/{foreign.pk}/").status_code == 404
    answer = client.post(f"/api-keys/{foreign.pk}/act/", {"act": "revoke"})
    assert answer.status_code == 404


def test_command_prints_the_key_alone(member_client, capsys):
    organization = member_client(Role.OWNER).membership.organization

    call_command(
        "create_api_key",
        organization=organization.slug,
        name="Script",
        scopes="employees:read, structure:read",
    )

    opened = verify(capsys.readouterr().out.rstrip("\n"))
    assert opened.access.scopes == {"employees:read", "structure:read"}


def test_command_says_what_is_wrong(member_client):
    organization = member_client(Role.OWNER).membership.organization

    for wrong, sentence in (
        ({"scopes": "employees:fly"}, "No such scope"),
        ({"organization": "nobody"}, "no organization"),
        ({"owner": "nobody@example.com"}, "no such member"),
    ):
        asked = {"organization": organization.slug, "name": "x", "scopes": "leave:read"}
        with pytest.raises(CommandError, match=sentence):
            call_command("create_api_key", **(asked | wrong))
