"""What an access token opens, and that nothing stale opens anything."""

import datetime as dt

import pytest
from django.utils import timezone

from integrations.oauth import bearer
from integrations.oauth.models import AccessToken, Grant
from organizations.access import CredentialKind
from organizations.models import Membership, Organization, User
from organizations.roles import ROLE_SCOPES, Role
from organizations.services import remove_member
from tests.factories import MembershipFactory, OrganizationFactory
from tests.factories.oauth import SECRET, ApplicationFactory
from tests.integrations.oauth.flows import Visit, basic


def opens(token: str) -> bool:
    """Say whether a token opens anything now."""
    try:
        bearer.access_of(token)
    except bearer.InvalidToken:
        return False
    return True


def service_token(application, **body: str) -> str:
    """Return the token of a service that acts for itself."""
    visit = Visit(application, MembershipFactory(organization=application.organization))
    response = visit.post(
        "token",
        {"grant_type": "client_credentials", **body},
        **basic(application.client_id, SECRET),
    )
    assert response.status_code == 200, response.content
    return response.json()["access_token"]


@pytest.fixture
def service(db):
    return ApplicationFactory(
        service=True, allowed_scopes=["employees:read", "members:read"]
    )


def test_a_person_lets_an_app_act_for_them(visit):
    tokens = visit.tokens()

    access = bearer.access_of(tokens["access_token"])

    assert (access.user, access.actor_type) == (visit.membership.user, "user")
    assert access.actor_id == str(visit.membership.user_id)
    assert access.organization == visit.application.organization
    assert access.role == Role.EMPLOYEE
    assert access.scopes == {"employees:read"}
    assert access.credential.kind == CredentialKind.OAUTH
    assert access.credential.id == str(visit.application.pk)
    assert access.credential.name == visit.application.name


def test_one_query_says_it_all(visit, django_assert_num_queries):
    token = visit.tokens()["access_token"]

    with django_assert_num_queries(1):
        access = bearer.access_of(token)
        _said = (access.organization.zone, access.user.email, access.scopes)


def test_a_mistyped_token_costs_no_query(visit, django_assert_num_queries):
    token = visit.tokens()["access_token"]
    mistyped = token[:-1] + ("A" if token[-1] != "A" else "B")

    with django_assert_num_queries(0):
        assert not opens(mistyped)


def test_a_token_of_the_login_is_none_of_ours(visit):
    assert bearer.is_ours(visit.tokens()["access_token"])
    assert not bearer.is_ours("eyJhbGciOiJIUzI1NiJ9.e30.c2ln")


def test_a_refresh_token_opens_nothing(visit):
    assert not opens(visit.tokens()["refresh_token"])


def deactivate(visit):
    User.objects.filter(pk=visit.membership.user_id).update(is_active=False)


def end_membership(visit):
    remove_member(visit.membership)


def close_organization(visit):
    Organization.objects.update(closed_at=timezone.now())


def disable_app(visit):
    visit.application.is_enabled = False
    visit.application.save()


def change_password(visit):
    visit.membership.user.set_password("another one entirely")
    visit.membership.user.save()


def delete_user(visit):
    remove_member(visit.membership)
    User.objects.get(pk=visit.membership.user_id).delete()


def delete_app(visit):
    visit.application.delete()


def end_grant(visit):
    Grant.objects.update(ended_at=timezone.now())


@pytest.mark.parametrize(
    "happen",
    [
        deactivate,
        end_membership,
        close_organization,
        disable_app,
        change_password,
        delete_user,
        delete_app,
        end_grant,
    ],
)
def test_what_happened_counts_at_the_next_request(visit, happen):
    tokens = visit.tokens()
    assert opens(tokens["access_token"])

    happen(visit)

    assert not opens(tokens["access_token"])
    answer = visit.refresh(tokens["refresh_token"])
    assert answer.status_code in {400, 401}
    assert answer.json()["error"] in {"invalid_grant", "invalid_client"}
    assert visit.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize(
    "happen", [deactivate, end_membership, change_password, disable_app]
)
def test_what_happened_counts_for_a_code_that_waits(visit, happen):
    code = visit.code()

    happen(visit)

    assert visit.redeem(code).status_code in {400, 401}


def test_a_role_counts_as_it_is_now(visit):
    visit.application.allowed_scopes = ["employees:read", "leave:read_all"]
    visit.application.save()
    visit.membership.role = Role.HR
    visit.membership.save()
    token = visit.tokens(scope="employees:read leave:read_all")["access_token"]
    assert bearer.access_of(token).scopes == {"employees:read", "leave:read_all"}

    visit.membership.role = Role.EMPLOYEE
    visit.membership.save()

    assert bearer.access_of(token).scopes == {"employees:read"}


def test_what_an_app_is_allowed_counts_as_it_is_now(visit):
    token = visit.tokens(scope="employees:read leave:read")["access_token"]
    assert bearer.access_of(token).scopes == {"employees:read", "leave:read"}

    visit.application.allowed_scopes = ["leave:read"]
    visit.application.save()

    assert bearer.access_of(token).scopes == {"leave:read"}


def test_a_role_that_grows_later_was_never_asked_about(visit):
    visit.application.allowed_scopes = ["employees:read", "leave:read_all"]
    visit.application.save()
    tokens = visit.tokens(scope="employees:read leave:read_all")
    assert tokens["scope"] == "employees:read"

    visit.membership.role = Role.HR
    visit.membership.save()

    assert bearer.access_of(tokens["access_token"]).scopes == {"employees:read"}


def test_it_expires(visit, time_machine):
    token = visit.tokens()["access_token"]

    time_machine.move_to(timezone.now() + dt.timedelta(minutes=10, seconds=1))

    assert not opens(token)


def test_it_never_outlives_its_grant(visit):
    tokens = visit.tokens()
    ends_at = timezone.now() + dt.timedelta(seconds=30)
    Grant.objects.update(valid_until=ends_at)

    visit.refresh(tokens["refresh_token"])

    newest = AccessToken.objects.order_by("-created").first()
    assert newest.expires == ends_at


def test_a_member_of_two_organizations_acts_in_the_apps_own(visit):
    theirs = OrganizationFactory()
    MembershipFactory(user=visit.membership.user, organization=theirs, role=Role.OWNER)
    visit.browser.post("/organizations/switch/", {"organization": theirs.pk})

    access = bearer.access_of(visit.tokens()["access_token"])

    assert access.organization == visit.application.organization
    assert access.role == Role.EMPLOYEE


def test_a_service_acts_for_itself_within_its_owners_role(service):
    access = bearer.access_of(service_token(service))

    assert (access.actor_type, access.actor_id) == ("oauth_app", str(service.pk))
    assert access.user is None
    assert access.scopes == {"employees:read", "members:read"}

    Membership.objects.filter(user=service.owner).update(role=Role.EMPLOYEE)

    assert "members:read" not in ROLE_SCOPES[Role.EMPLOYEE]
    token = service_token(service)
    assert bearer.access_of(token).scopes == {"employees:read"}


def test_a_service_freezes_when_its_owner_leaves(service):
    token = service_token(service)
    MembershipFactory(organization=service.organization, role=Role.OWNER)

    remove_member(Membership.objects.get(user=service.owner))

    assert not opens(token)
    answer = Visit(service, MembershipFactory(organization=service.organization)).post(
        "token",
        {"grant_type": "client_credentials"},
        **basic(service.client_id, SECRET),
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_service_freezes_while_its_owner_is_switched_off(service):
    token = service_token(service)

    User.objects.filter(pk=service.owner_id).update(is_active=False)

    assert not opens(token)


def test_a_service_may_ask_for_less(service):
    token = service_token(service, scope="employees:read")

    assert bearer.access_of(token).scopes == {"employees:read"}
