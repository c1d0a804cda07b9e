"""The API's pages: to read, to try, under the strict policy on scripts and styles."""

from playwright.sync_api import expect

from employees.models import Position


def test_documents_call_the_api_with_the_session_of_the_page(page, owner, log_in):
    log_in(owner)
    page.goto("/api/v1/docs/")
    page.get_by_placeholder("Filter by tag").fill("me")
    operation = page.locator("#operations-me-me_retrieve")

    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()

    expect(operation.locator(".live-responses-table")).to_contain_text(owner.user.email)


def test_documents_are_open_to_strangers(page, live_server):
    page.goto("/api/v1/docs/")

    # Only what is in sight is drawn; the search leads to the rest.
    page.get_by_placeholder("Filter by tag").fill("employees")
    expect(page.get_by_role("heading", name="employees")).to_be_visible()
    expect(page.get_by_role("link", name="Log in to try it")).to_be_visible()


def test_browsable_api_adds_changes_and_deletes(page, owner, accessible, log_in):
    log_in(owner)
    page.goto("/api/v1/positions/")
    accessible()
    body = page.get_by_label("Body", exact=True)

    body.fill('{"title": "Tester"}')
    page.get_by_role("button", name="POST").click()
    expect(page.get_by_text("201 Created")).to_be_visible()

    tester = Position.objects.get(title="Tester")
    page.goto(f"/api/v1/positions/{tester.pk}/")
    body.fill('{"title": "Test engineer"}')
    page.get_by_role("button", name="PATCH").click()
    expect(page.locator(".request")).to_contain_text("PATCH")
    expect(page.get_by_text("200 OK")).to_be_visible()
    tester.refresh_from_db()
    assert tester.title == "Test engineer"

    page.get_by_role("button", name="DELETE").click()
    accessible()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("204 No Content")).to_be_visible()
    assert not Position.objects.filter(pk=tester.pk).exists()
