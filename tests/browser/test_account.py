"""Coming in, going out, and working for another organization."""

from playwright.sync_api import expect

from organizations.tokens import Client, open_family
from tests.factories import MembershipFactory


def test_member_logs_in_and_out(page, owner, accessible, log_in):
    page.goto("/people/")
    expect(page).to_have_url("/account/login/?next=/people/")
    accessible()

    page.get_by_label("E-mail address").fill(owner.user.email)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    accessible()

    log_in(owner)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Amara")
    accessible()

    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_role("button", name="You", exact=True).click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_member_of_two_organizations_switches(page, owner, accessible, log_in):
    second = MembershipFactory(user=owner.user, organization__name="Seehaus Stiftung")
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in(owner)

    page.get_by_role("button", name="Switch organization").click()
    page.get_by_role("button", name="Seehaus Stiftung").click()

    expect(page.locator(".rail")).to_contain_text(second.organization.name)
    expect(page.get_by_role("heading", level=2)).to_contain_text(
        ["Seehaus Stiftung has no employees yet"]
    )
    accessible()


def test_password_reset_says_the_same_to_everybody(page, owner, accessible):
    page.goto("/account/password/reset/")
    accessible()

    page.get_by_label("E-mail address").fill("nobody@example.com")
    page.get_by_role("button", name="Send the link").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    accessible()


def test_a_member_sees_and_ends_the_programs_that_use_the_api(
    page, owner, accessible, log_in
):
    programs = ("payroll-sync/2.1", "curl/8.5.0")
    for address, agent in zip(("203.0.113.7", "2001:db8::7"), programs, strict=True):
        open_family(owner, Client(address, agent))
    log_in(owner)
    page.goto("/account/sessions/")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        accessible()

    page.get_by_role("button", name="End the session of curl").click()

    expect(page.get_by_role("status")).to_contain_text("is over")
    expect(page.get_by_text("payroll-sync/2.1")).to_be_visible()
    expect(page.get_by_text("curl/8.5.0")).to_have_count(0)
