"""Choosing and switching organizations, and the account pages around them."""

import re

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from organizations import tokens
from organizations.roles import Role
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.factories.organizations import PASSWORD

CHOOSE = reverse("organizations:choose")
SWITCH = reverse("organizations:switch")
LOGIN = reverse("account_login")
RESET = reverse("account_reset_password")


@pytest.fixture
def two(client, db):
    """Return the memberships of a user who belongs to two organizations, logged in."""
    user = UserFactory()
    client.force_login(user)
    return [MembershipFactory(user=user) for _ in range(2)]


def log_in(client, email: str, password: str):
    return client.post(LOGIN, {"login": email, "password": password})


# --- Organizations ------------------------------------------------------------------


def test_choosing_shows_ones_own_organizations_alone(client, two):
    other = OrganizationFactory(name="Somebody else's")

    page = client.get(CHOOSE).content.decode()

    assert [membership.organization.name in page for membership in two] == [True, True]
    assert other.name not in page


def test_switching_is_remembered(client, two):
    second = two[1].organization

    response = client.post(SWITCH, {"organization": str(second.pk)})

    assert (response.status_code, response.url) == (302, "/")
    assert client.get("/").wsgi_request.organization == second


def test_the_choice_outlives_a_login(client, two):
    client.post(SWITCH, {"organization": str(two[1].organization_id)})
    client.post(reverse("account_logout"))

    log_in(client, two[1].user.email, PASSWORD)

    assert client.get("/").wsgi_request.organization == two[1].organization


def test_a_choice_that_is_not_ones_own_is_no_access(client, two):
    client.cookies["organization"] = str(OrganizationFactory().pk)

    assert client.get("/").wsgi_request.organization == two[0].organization


@pytest.mark.parametrize("organization", ["other", "nonsense", ""])
def test_switching_to_an_organization_one_does_not_belong_to_is_refused(
    client, two, organization
):
    wanted = str(OrganizationFactory().pk) if organization == "other" else organization

    response = client.post(SWITCH, {"organization": wanted})

    assert (response.status_code, response.url) == (302, CHOOSE)
    assert client.get("/").wsgi_request.organization == two[0].organization


def test_switching_takes_a_post(client, two):
    assert client.get(SWITCH).status_code == 405


@pytest.mark.parametrize(
    ("address", "goes_to"),
    [
        ("/people/", "/people/"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_switching_leads_to_our_own_pages_alone(client, two, address, goes_to):
    form = {"organization": str(two[1].organization_id), "next": address}

    assert client.post(SWITCH, form).url == goes_to


def test_without_an_organization_one_is_told_what_to_do(client, db):
    client.force_login(UserFactory(email="lone@example.com"))

    page = client.get(CHOOSE).content.decode()

    assert "You belong to no organization yet" in page
    assert "lone@example.com" in page


# --- Account ------------------------------------------------------------------------


def test_people_log_in_by_email_in_any_case(client, db):
    membership = MembershipFactory(user__email="ada@example.com")

    response = log_in(client, "ADA@example.com", PASSWORD)

    assert (response.status_code, response.url) == (302, "/")
    assert client.get("/").wsgi_request.user == membership.user


def test_a_wrong_password_and_an_unknown_address_read_the_same(client, db):
    UserFactory(email="ada@example.com")

    known = log_in(client, "ada@example.com", "wrong")
    unknown = log_in(client, "bob@example.com", "wrong")

    assert known.status_code == unknown.status_code == 200
    errors = known.context["form"].non_field_errors()
    assert errors
    assert errors == unknown.context["form"].non_field_errors()


def test_too_many_wrong_passwords_close_the_door_even_to_the_right_one(client, db):
    UserFactory(email="ada@example.com")
    for _ in range(5):
        log_in(client, "ada@example.com", "wrong")

    response = log_in(client, "ada@example.com", PASSWORD)

    assert response.status_code == 200
    assert "Too many" in str(response.context["form"].non_field_errors())


def test_password_is_reset_by_mail(client, db):
    user = UserFactory(email="ada@example.com")

    client.post(RESET, {"email": "ada@example.com"})
    (message,) = mail.outbox
    link = re.search(r"https?://[^/]+(/\S+)", message.body).group(1)
    form_page = client.get(link, follow=True)
    address = form_page.redirect_chain[-1][0]
    new = "a longer sentence instead"
    client.post(address, {"password1": new, "password2": new})

    user.refresh_from_db()
    assert message.to == ["ada@example.com"]
    assert user.check_password(new)
    used_again = client.get(link, follow=True).content.decode()
    assert "This link has ended" in used_again


def test_a_changed_password_is_told_by_mail(client, db):
    user = MembershipFactory().user
    log_in(client, user.email, PASSWORD)
    new = "a longer sentence instead"

    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )

    user.refresh_from_db()
    (message,) = mail.outbox
    assert user.check_password(new)
    assert (message.to, message.subject) == (
        [user.email],
        "[People HR] Your password was changed",
    )
    assert "Was that not you?" in message.body


def test_password_reset_does_not_tell_whether_an_address_is_known(client, db):
    UserFactory(email="ada@example.com")

    answers = [
        client.post(RESET, {"email": email}, follow=True)
        for email in ("ada@example.com", "nobody@example.com")
    ]

    bodies = [re.sub(r'value="\w{64}"', "", a.content.decode()) for a in answers]
    assert bodies[0] == bodies[1]
    assert answers[0].redirect_chain == answers[1].redirect_chain


def test_logging_out_takes_a_post(client, two):
    logout = reverse("account_logout")

    assert client.get(logout).status_code == 200
    assert client.get("/").status_code == 200
    client.post(logout)
    assert client.get("/").url.startswith(LOGIN)


def test_sessions_are_listed_and_ended(client, db):
    user = MembershipFactory().user
    elsewhere = type(client)(headers={"User-Agent": "Mozilla Firefox/140.0 (Windows)"})
    for browser in (client, elsewhere):
        log_in(browser, user.email, PASSWORD)
        browser.get("/")

    page = client.get(reverse("usersessions_list")).content.decode()
    client.post(reverse("usersessions_list"))

    assert "Firefox · Windows" in page
    assert client.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_sessions_of_the_api_are_listed_and_ended(client, db):
    membership = MembershipFactory()
    client.force_login(membership.user)
    mine = tokens.open_family(
        membership, tokens.Client("203.0.113.7", "payroll-sync/2.1")
    )
    other = MembershipFactory()
    theirs = tokens.open_family(other, tokens.Client("203.0.113.8", "their-sync/1.0"))

    page = client.get(reverse("usersessions_list")).content.decode()
    assert "payroll-sync/2.1" in page
    assert "203.0.113.7" in page
    assert membership.organization.name in page
    assert "their-sync" not in page
    for named in (other.token_families.get().pk, "nonsense"):
        client.post(reverse("usersessions_list"), {"api_session": named})
    assert tokens.access_of(mine.access)
    assert tokens.access_of(theirs.access)
    client.post(
        reverse("usersessions_list"),
        {"api_session": membership.token_families.get().pk},
    )

    assert not membership.token_families.exists()
    assert tokens.access_of(theirs.access)
    page = client.get(reverse("usersessions_list")).content.decode()
    assert "Programs that use the API" not in page


def test_nobody_signs_up(client, db):
    page = client.get(reverse("account_signup")).content.decode()

    assert "Accounts are by invitation" in page


# --- Frame --------------------------------------------------------------------------


def test_our_pages_allow_nothing_inline(client, two):
    response = client.get("/")
    page = response.content.decode()

    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


def test_missing_page_has_a_way_on(client, two):
    response = client.get("/nowhere/")

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_page_of_another_role_says_so(member_client):
    response = member_client(Role.EMPLOYEE).get("/admin/")

    assert response.status_code == 403
    assert "This is not open to you" in response.content.decode()


def test_too_many_requests_have_a_way_on(client, db):
    for _ in range(5):
        client.post(RESET, {"email": "ada@example.com"})

    response = client.post(RESET, {"email": "ada@example.com"})

    assert response.status_code == 429
    assert "Too many attempts" in response.content.decode()


def test_a_form_without_its_token_says_what_to_do(db):
    response = Client(enforce_csrf_checks=True).post(LOGIN)

    assert response.status_code == 403
    assert "This form had gone stale" in response.content.decode()


@pytest.mark.parametrize("name", ["400", "500"])
def test_errors_show_without_a_request(name):
    page = render_to_string(f"{name}.html")

    assert f"Error {name}" in page
    assert "Go home" in page
