"""Leave from asking to the calendar, in a real browser."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from leave.calendar import Portion
from leave.models import LeaveRequest
from leave.services import grant_leave, request_leave, save_holiday
from organizations.models import Membership
from tests.factories.leave import HolidayCalendarFactory
from tests.leave.conftest import Team, make_team


@pytest.fixture
def team(live_server) -> Team:
    """A team with 25 days of this year and the next."""
    team = make_team()
    for year in (timezone.localdate().year, timezone.localdate().year + 1):
        if year != 2026:
            grant_leave(team.ada, team.annual, year=year, amount=25)
    return team


def member(employee) -> Membership:
    return Membership.objects.get(user=employee.user)


def a_monday() -> dt.date:
    """Return a Monday that lies ahead, in one month with its Friday."""
    day = timezone.localdate() + dt.timedelta(days=7)
    monday = day + dt.timedelta(days=-day.weekday() % 7)
    is_within = (monday + dt.timedelta(days=4)).month == monday.month
    return monday if is_within else monday + dt.timedelta(days=7)


def fill(page: Page, first_on: dt.date, last_on: dt.date) -> None:
    page.get_by_label("First day", exact=True).fill(first_on.isoformat())
    page.get_by_label("Last day", exact=True).fill(last_on.isoformat())


def test_leave_is_asked_for_approved_and_on_the_calendar(
    page, context, team, accessible, log_in
):
    monday = a_monday()
    calendar = HolidayCalendarFactory(organization=team.organization)
    save_holiday(
        calendar,
        monday + dt.timedelta(days=1),
        name="Town fair",
        portion=Portion.AFTERNOON,
    )
    log_in(member(team.ada))
    page.goto("/leave/")
    accessible()
    page.get_by_role("link", name="Ask for leave").click()
    fill(page, monday, monday + dt.timedelta(days=2))
    page.get_by_label("Note").click()
    panel = page.locator("#cost")
    expect(panel).to_contain_text("Afternoon off: Town fair")
    expect(panel).to_contain_text("2.5 days")
    expect(panel).to_contain_text("Decided by")
    accessible()

    page.get_by_label("Note").fill("To the sea")
    page.get_by_role("button", name=re.compile("Send to Grace")).click()

    expect(page.get_by_text("Pending")).to_be_visible()
    accessible()
    context.clear_cookies()

    log_in(member(team.grace))
    page.goto("/inbox/")
    expect(page.get_by_text("To the sea")).to_be_visible()
    accessible()
    page.get_by_role("button", name=re.compile("Approve for Ada")).click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()

    page.goto(f"/leave/calendar/?month={monday:%Y-%m}")
    expect(page.locator("td.away")).to_have_count(3)
    expect(page.locator("td.away").first).to_contain_text("Annual leave")
    accessible()
    assert LeaveRequest.objects.get().decided_by == team.grace.user


def test_a_refusal_stands_in_the_panel_before_it_is_sent(page, team, log_in):
    monday = a_monday()
    log_in(member(team.ada))
    page.goto("/leave/request/")

    fill(page, monday, monday - dt.timedelta(days=1))
    page.get_by_label("Note").click()

    expect(page.locator("#cost")).to_contain_text("lies before the first")


def test_asking_works_without_scripts(browser, live_server, team, client):
    monday = a_monday()
    client.force_login(team.ada.user)
    (cookie,) = client.cookies.values()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
    )
    page = context.new_page()
    page.goto("/leave/request/")

    fill(page, monday, monday)
    page.get_by_role("button", name="Show what it costs").click()
    expect(page.locator("#cost")).to_contain_text("1 day")
    page.get_by_role("button", name=re.compile("Send to Grace")).click()

    expect(page.get_by_text("Pending")).to_be_visible()
    context.close()


def test_a_decline_says_why(page, team, accessible, log_in):
    monday = a_monday()
    request_leave(team.ada, team.annual, first_on=monday, last_on=monday)
    log_in(member(team.grace))
    page.goto("/inbox/")

    page.get_by_label(re.compile("Reason for declining")).fill("Audit week")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    page.goto(f"/leave/requests/{LeaveRequest.objects.get().pk}/")

    expect(page.get_by_text("Audit week")).to_be_visible()
    accessible()
