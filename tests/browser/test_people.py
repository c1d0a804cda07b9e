"""Finding colleagues, and keeping one's own details up to date."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import EmployeeFactory


def test_directory_finds_while_typing_and_by_keyboard(page, owner, accessible, log_in):
    log_in(owner)
    page.goto("/people/")
    expect(page.get_by_role("row")).to_have_count(4)
    accessible()

    page.set_viewport_size({"width": 1280, "height": 900})
    page.keyboard.press("/")
    page.keyboard.type("jon web")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/people/\?q=jon(\+|%20)web$"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Jonas Weber")
    accessible()


def test_directory_says_when_nobody_fits(page, owner, accessible, log_in):
    log_in(owner)
    page.goto("/people/")

    page.get_by_label("Search people").fill("nobody at all")

    expect(page.get_by_role("heading", name="Nobody fits")).to_be_visible()
    accessible()
    page.get_by_role("link", name="Show everybody").last.click()
    expect(page.get_by_role("row")).to_have_count(4)


def test_directory_shows_more_people_in_place(page, owner, log_in):
    EmployeeFactory.create_batch(60, organization=owner.organization)
    log_in(owner)
    page.goto("/people/")
    expect(page.get_by_role("row")).to_have_count(1 + 50 + 1)

    page.get_by_role("link", name="Show more people").click()

    expect(page.get_by_role("row")).to_have_count(1 + 63)


def test_directory_works_without_scripts(browser, live_server, owner, client):
    client.force_login(owner.user)
    (cookie,) = client.cookies.values()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
    )
    page = context.new_page()

    page.goto("/people/")
    page.get_by_label("Search people").fill("okafor")
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_role("row")).to_have_count(2)
    context.close()


def test_org_chart_unfolds_teams(page, owner, accessible, log_in):
    log_in(owner)
    page.goto("/people/chart/")
    li = page.get_by_role("link", name="Li Na")
    expect(li).to_have_count(0)

    page.locator("summary", has_text="Team of Jonas Weber").click()

    expect(li).to_be_visible()
    accessible()


def test_member_changes_their_details(page, owner, accessible, log_in):
    log_in(owner)
    page.goto("/me/")
    accessible()
    page.get_by_role("link", name="Change my details").click()

    page.get_by_label("Home e-mail").fill("amara@home.invalid")
    page.get_by_label("Preferred name").fill("Ama")
    accessible()
    page.get_by_role("button", name="Save my details").click()

    expect(page.get_by_role("status")).to_contain_text("Your profile is saved.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ama Okafor")
    accessible()


@pytest.mark.parametrize(
    "address",
    [
        "/account/sessions/",
        "/account/password/change/",
        "/account/logout/",
        "/organizations/",
        "/admin/oauth/application/",
        "/admin/oauth/application/add/",
        "/inbox/",
    ],
)
def test_other_pages_are_accessible(page, owner, accessible, log_in, address):
    log_in(owner)

    page.goto(address)

    accessible()
