"""Members and the organization by API."""

from typing import Any

import pytest
from django.core import mail

from integrations.webhooks.models import Event
from organizations.models import Membership
from organizations.roles import Role
from tests.api import api_client, shown
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

PATH = "/api/v1/members/"


@pytest.mark.parametrize("count", [1, 3])
def test_members_are_listed_with_their_address(
    count: int, django_assert_num_queries: Any
) -> None:
    client = api_client(Role.HR)
    organization = client.membership.organization
    members = MembershipFactory.create_batch(count, organization=organization)
    MembershipFactory()  # another organization's, which could leak

    with django_assert_num_queries(2):
        listed = client.get(PATH).json()["results"]

    assert [row["id"] for row in listed] == [
        str(member.pk) for member in [client.membership, *members]
    ]
    assert listed[-1]["email"] == members[-1].user.email


def test_a_member_is_invited_raised_and_removed_with_one_event_each(
    django_capture_on_commit_callbacks: Any,
) -> None:
    client = api_client(Role.OWNER)

    with django_capture_on_commit_callbacks(execute=True):
        invited = client.send("POST", PATH, {"email": "ada@example.com", "role": "hr"})
    assert invited.status_code == 201
    raised = client.send("PATCH", invited["Location"], {"role": "hr_admin"})
    assert (raised.status_code, raised.json()["role"]) == (200, "hr_admin")
    assert client.send("DELETE", invited["Location"]).status_code == 204

    assert [message.to for message in mail.outbox] == [["ada@example.com"]]
    events = Event.objects.filter(subject_id=invited.json()["id"]).order_by("sequence")
    assert [event.type for event in events] == [
        "membership.created",
        "membership.updated",
        "membership.deleted",
    ]


def test_rules_of_membership_are_told() -> None:
    client = api_client(Role.OWNER)
    own = f"{PATH}{client.membership.pk}/"
    user = UserFactory()
    client.send("POST", PATH, {"email": user.email})

    twice = client.send("POST", PATH, {"email": user.email})
    assert twice.status_code == 400
    last = client.send("PATCH", own, {"role": "hr"})
    assert last.json()["errors"][0]["code"] == "last_owner"
    gone = client.send("DELETE", own)
    assert gone.json()["errors"][0]["code"] == "last_owner"
    assert client.send("PATCH", own, {"role": "king"}).status_code == 400
    moved = client.send("PATCH", own, {"user": str(user.pk)})
    assert moved.json()["errors"][0]["code"] == "read_only"
    assert client.send("PATCH", own, {}).json()["role"] == "owner"


def test_nobody_makes_themselves_an_owner() -> None:
    client = api_client(Role.HR_ADMIN)
    own = f"{PATH}{client.membership.pk}/"

    assert client.send("PATCH", own, {"role": "owner"}).status_code == 400
    assert client.send("POST", PATH, {"email": "x@y.example", "role": "owner"}).json()[
        "errors"
    ][0]["code"] == ("owner_only")
    assert Membership.objects.get().role == Role.HR_ADMIN


def test_the_organization_is_ones_own() -> None:
    client = api_client(Role.EMPLOYEE)
    organization = client.membership.organization

    answer = client.get("/api/v1/organization/").json()

    assert answer == shown(
        {
            "id": organization.pk,
            "name": organization.name,
            "slug": organization.slug,
            "country": "DE",
            "time_zone": "Europe/Berlin",
            "locale": organization.locale,
            "work_week": organization.work_week,
        }
    )
