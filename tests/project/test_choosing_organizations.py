"""Routes that name an organization by themselves: switching, tokens, closing."""

from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from organizations.models import Organization
from organizations.roles import Role
from tests.factories import MembershipFactory, OrganizationFactory
from tests.factories.organizations import PASSWORD


def test_nobody_switches_to_an_organization_they_do_not_belong_to(member_client):
    client = member_client(Role.OWNER)
    theirs = OrganizationFactory()

    for wanted in (theirs.pk, uuid4(), "nonsense"):
        response = client.post(
            reverse("organizations:switch"), {"organization": wanted}
        )
        assert response.url == reverse("organizations:choose")
        assert client.get("/admin/").context["request"].organization == (
            client.membership.organization
        )


def test_tokens_are_given_for_own_organizations_alone(client, db):
    membership = MembershipFactory()
    theirs = OrganizationFactory()

    answers = [
        client.post(
            reverse("api:token"),
            {
                "email": membership.user.email,
                "password": PASSWORD,
                "organization": str(wanted),
            },
            content_type="application/json",
        )
        for wanted in (theirs.pk, theirs.slug, uuid4())
    ]

    assert {answer.status_code for answer in answers} == {400}
    assert len({str(answer.json()["errors"]) for answer in answers}) == 1


def test_closed_organizations_are_shut(member_client):
    client = member_client(Role.OWNER)
    Organization.objects.update(closed_at=timezone.now())

    assert client.get("/admin/").url == reverse("organizations:choose")
