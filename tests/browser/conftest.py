"""A real Chromium in front of the real server."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from organizations.models import Membership
from organizations.roles import Role
from tests.browser.accessibility import findings
from tests.chromium import find_chromium
from tests.factories import EmployeeFactory, MembershipFactory
from tests.factories.organizations import PASSWORD

expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as one that needs the browser."""
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium; as root it runs without its own sandbox."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Playwright's loop lives in this thread, where Django would see "async" code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=arguments
        )
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, live_server) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=live_server.url, reduced_motion="reduce", locale="en-GB"
    )
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Return a page; whatever its console complains of fails the test.

    So does a breach of the Content-Security-Policy, which the console tells.
    """
    complaints: list[str] = []
    page = context.new_page()
    page.on(
        "console",
        lambda message: message.type == "error" and complaints.append(message.text),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


@pytest.fixture
def accessible(page: Page) -> Callable[[], None]:
    """Return a check that the page, as it stands, is open to everybody."""

    def check() -> None:
        assert findings(page) == []

    return check


LogInPage = Callable[[Membership], None]


@pytest.fixture
def log_in(page: Page) -> LogInPage:
    """Return a way to log a member in, by the login page."""

    def by_the_page(membership: Membership) -> None:
        page.goto("/account/login/")
        page.get_by_label("E-mail address").fill(membership.user.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Good")

    return by_the_page


@pytest.fixture
def owner(transactional_db: None) -> Membership:
    """Return an owner who is an employee, in an organization with two more."""
    owner = MembershipFactory(
        role=Role.OWNER, user__first_name="Amara", user__last_name="Okafor"
    )
    mine = {"organization": owner.organization, "placed": True}
    me = EmployeeFactory(
        **mine, first_name="Amara", last_name="Okafor", user=owner.user
    )
    jonas = EmployeeFactory(**mine, first_name="Jonas", last_name="Weber", manager=me)
    EmployeeFactory(**mine, first_name="Li", last_name="Na", manager=jonas)
    return owner
