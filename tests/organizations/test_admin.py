"""HR's admin: who may come in, the fence, members, settings."""

import pytest
from django.core import mail
from django.urls import reverse

from employees.models import Department, Employee
from organizations.models import Membership, Organization
from organizations.roles import Role
from tests.factories import (
    DepartmentFactory,
    EmployeeFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
)

MEMBERS = "/admin/organizations/membership/"
INDEX = "/admin/"


def shown_messages(response):
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.OWNER, 200),
        (Role.HR_ADMIN, 200),
        (Role.HR, 200),
        (Role.AUDITOR, 200),
        (Role.MANAGER, 403),
        (Role.EMPLOYEE, 403),
    ],
)
def test_admin_is_open_to_roles_that_hold_its_scope(member_client, role, status):
    assert member_client(role).get(INDEX).status_code == status


def test_strangers_are_sent_to_the_one_login_page(client, db):
    response = client.get(MEMBERS)

    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next={MEMBERS}"
    assert client.get("/admin/login/").url.startswith(reverse("account_login"))


def test_superuser_without_membership_gets_nothing(client, db):
    EmployeeFactory()
    client.force_login(UserFactory(is_superuser=True))

    for address in (INDEX, MEMBERS, "/admin/employees/employee/"):
        assert client.get(address).url == reverse("organizations:choose")


def test_superuser_gets_no_more_than_the_scopes_of_their_role(client, db):
    membership = MembershipFactory(role=Role.AUDITOR, user__is_superuser=True)
    client.force_login(membership.user)

    assert client.get(MEMBERS).status_code == 200
    assert client.post(f"{MEMBERS}add/").status_code == 403


def test_only_fenced_admins_are_registered():
    from django.contrib.admin import site

    assert site._registry
    for model_admin in site._registry.values():
        assert model_admin.read_scope


def test_auditor_sees_members_and_changes_none(member_client):
    client = member_client(Role.AUDITOR)
    colleague = MembershipFactory(organization=client.membership.organization)
    address = f"{MEMBERS}{colleague.pk}/change/"

    assert client.get(address).status_code == 200
    assert client.post(address, {"role": "owner"}).status_code == 403
    assert client.post(f"{MEMBERS}{colleague.pk}/delete/").status_code == 403
    colleague.refresh_from_db()
    assert colleague.role == Role.EMPLOYEE


@pytest.mark.parametrize("count", [1, 3])
def test_member_list_shows_own_members_with_constant_queries(
    member_client, count, django_assert_num_queries
):
    client = member_client(Role.OWNER)
    mine = MembershipFactory.create_batch(
        count, organization=client.membership.organization
    )
    stranger = MembershipFactory()

    client.get(MEMBERS)  # the session's first request costs more
    with django_assert_num_queries(6):
        response = client.get(MEMBERS)

    listed = {membership.pk for membership in response.context["cl"].result_list}
    assert listed == {client.membership.pk, *(member.pk for member in mine)}
    assert stranger.user.email not in response.content.decode()


def test_inviting_makes_a_member_and_mails_a_link_to_choose_a_password(
    member_client, django_capture_on_commit_callbacks
):
    client = member_client(Role.HR_ADMIN)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{MEMBERS}add/", {"email": "New@example.com", "role": "hr"})

    membership = Membership.objects.get(user__email="new@example.com")
    assert membership.organization == client.membership.organization
    assert membership.role == Role.HR
    assert mail.outbox[0].to == ["new@example.com"]
    address = next(line for line in mail.outbox[0].body.split() if "://" in line)
    page = client.get(address.removeprefix("http://127.0.0.1:8000"), follow=True)
    assert "password1" in page.context["form"].fields


def test_inviting_a_member_again_is_an_error_of_the_address(member_client):
    client = member_client(Role.OWNER)
    email = client.membership.user.email.upper()

    response = client.post(f"{MEMBERS}add/", {"email": email, "role": "hr"})

    assert response.context["adminform"].form.errors.as_data()["email"][0].code == (
        "member"
    )


def test_only_an_owner_makes_an_owner(member_client):
    client = member_client(Role.HR_ADMIN)
    colleague = MembershipFactory(organization=client.membership.organization)

    client.post(f"{MEMBERS}add/", {"email": "new@example.com", "role": "owner"})
    client.post(f"{MEMBERS}{colleague.pk}/change/", {"role": "owner", "version": 1})
    client.post(
        f"{MEMBERS}{client.membership.pk}/change/", {"role": "owner", "version": 1}
    )

    assert not Membership.objects.filter(role=Role.OWNER).exists()


def test_only_an_owner_unmakes_an_owner(member_client):
    client = member_client(Role.HR_ADMIN)
    owner = MembershipFactory(
        organization=client.membership.organization, role=Role.OWNER
    )
    MembershipFactory(organization=client.membership.organization, role=Role.OWNER)

    client.post(f"{MEMBERS}{owner.pk}/change/", {"role": "hr", "version": 1})
    client.post(f"{MEMBERS}{owner.pk}/delete/", {"post": "yes"})

    owner.refresh_from_db()
    assert owner.role == Role.OWNER


def test_an_owner_changes_a_role(member_client):
    client = member_client(Role.OWNER)
    colleague = MembershipFactory(organization=client.membership.organization)

    client.post(f"{MEMBERS}{colleague.pk}/change/", {"role": "auditor", "version": 1})

    colleague.refresh_from_db()
    assert colleague.role == Role.AUDITOR


@pytest.mark.parametrize("way", ["change", "delete", "action"])
def test_last_owner_stays(member_client, way):
    client = member_client(Role.OWNER)
    me = client.membership
    address, body = {
        "change": (f"{MEMBERS}{me.pk}/change/", {"role": "hr", "version": 1}),
        "delete": (f"{MEMBERS}{me.pk}/delete/", {"post": "yes"}),
        "action": (
            MEMBERS,
            {"action": "delete_selected", "_selected_action": me.pk, "post": "yes"},
        ),
    }[way]

    response = client.post(address, body, follow=True)

    assert "keeps at least one owner" in " ".join(shown_messages(response))
    me.refresh_from_db()
    assert me.role == Role.OWNER


def test_stale_form_is_refused_with_a_sentence_and_read_anew(member_client):
    client = member_client(Role.OWNER)
    colleague = MembershipFactory(organization=client.membership.organization)
    address = f"{MEMBERS}{colleague.pk}/change/"
    colleague.role = Role.MANAGER
    colleague.save()

    response = client.post(address, {"role": "hr", "version": 1}, follow=True)

    assert shown_messages(response) == [
        "Someone else changed this meanwhile. Reload it and try again."
    ]
    assert response.context["adminform"].form["version"].value() == 2
    colleague.refresh_from_db()
    assert colleague.role == Role.MANAGER


def test_form_shows_the_version_it_was_filled_from(member_client):
    client = member_client(Role.OWNER)

    page = client.get(f"{MEMBERS}{client.membership.pk}/change/").content.decode()

    assert '<input type="hidden" name="version" value="1"' in page


def test_duplicate_is_an_error_of_its_field(member_client):
    client = member_client(Role.OWNER)
    there = DepartmentFactory(organization=client.membership.organization)

    response = client.post(
        "/admin/employees/department/add/", {"name": there.name.upper()}
    )

    assert response.context["adminform"].form.errors["name"] == [
        "There is a department of this name."
    ]
    assert Department.objects.count() == 1


def test_what_is_in_use_is_kept_and_said_by_whom(member_client):
    client = member_client(Role.OWNER)
    department = DepartmentFactory(organization=client.membership.organization)
    EmployeeFactory.create_batch(
        5, organization=department.organization, department=department
    )

    response = client.post(
        f"/admin/employees/department/{department.pk}/delete/", {"post": "yes"}
    )

    sentence = response.context["protected"][0]
    assert sentence.startswith("5 employees still use it: Ada Lovelace")
    assert sentence.endswith("and 2 more.")
    assert Department.objects.get() == department


def test_search_finds_own_records_alone_even_after_switching(client, db):
    here = MembershipFactory(role=Role.OWNER)
    there = MembershipFactory(role=Role.OWNER, user=here.user)
    EmployeeFactory(organization=here.organization, last_name="Babbage")
    EmployeeFactory(organization=there.organization, last_name="Babbage", number="7")
    client.force_login(here.user)

    first = client.get("/admin/search/", {"s": "babbage"}).content.decode()
    client.post(
        reverse("organizations:switch"), {"organization": there.organization_id}
    )
    second = client.get("/admin/search/", {"s": "babbage"}).content.decode()

    assert str(Employee.objects.get(organization=here.organization).pk) in first
    assert str(Employee.objects.get(organization=here.organization).pk) not in second
    assert str(Employee.objects.get(organization=there.organization).pk) in second


def test_owner_changes_the_settings_of_their_organization(member_client):
    client = member_client(Role.OWNER)
    mine = client.membership.organization

    client.post(
        f"/admin/organizations/organization/{mine.pk}/change/",
        {
            "name": "Analytical Engines",
            "country": "GB",
            "time_zone": "Europe/London",
            "locale": "en-us",
            "work_week": ["1", "2", "64"],
        },
    )

    mine.refresh_from_db()
    assert (mine.name, mine.time_zone, mine.work_week) == (
        "Analytical Engines",
        "Europe/London",
        67,
    )


def test_organizations_are_neither_added_nor_deleted_here(member_client):
    client = member_client(Role.OWNER)
    OrganizationFactory()
    address = "/admin/organizations/organization/"

    assert client.get(address).url.endswith(
        f"{client.membership.organization_id}/change/"
    )
    assert client.post(f"{address}add/").status_code == 403
    own = f"{address}{client.membership.organization_id}/delete/"
    assert client.post(own, {"post": "yes"}).status_code == 403
    assert Organization.objects.count() == 2
