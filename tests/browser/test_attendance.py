"""A day at work in a real browser: the clock on a phone, a correction, the team."""

import datetime as dt
import re
from dataclasses import dataclass

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from attendance.models import AttendanceDay, Punch
from attendance.services import NewPunch, record_punch
from organizations.models import Membership
from organizations.roles import Role
from tests.factories import EmployeeFactory, LocationFactory, MembershipFactory
from tests.factories.attendance import OFFICE_HOURS, WorkScheduleFactory

PHONE = {"width": 360, "height": 740}
EVERY_DAY = dict.fromkeys(
    (
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ),
    OFFICE_HOURS,
)


@dataclass
class Team:
    """Noor reports to Miriam; both log in."""

    noor: Membership
    miriam: Membership


@pytest.fixture
def team(live_server) -> Team:
    location = LocationFactory(name="Berlin")
    mine = {"organization": location.organization, "location": location}
    WorkScheduleFactory(
        organization=location.organization, default=True, pattern=EVERY_DAY
    )
    noor, miriam = (
        MembershipFactory(organization=location.organization, role=role)
        for role in (Role.EMPLOYEE, Role.MANAGER)
    )
    manager = EmployeeFactory(
        **mine, first_name="Miriam", last_name="Okafor", user=miriam.user
    )
    EmployeeFactory(
        **mine,
        first_name="Noor",
        last_name="Haddad",
        user=noor.user,
        manager=manager,
    )
    return Team(noor, miriam)


def fits(page: Page) -> bool:
    """Say whether nothing reaches beyond the screen."""
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width <= PHONE["width"]


def test_somebody_clocks_in_and_out_on_a_phone(page, team, accessible, log_in):
    page.set_viewport_size(PHONE)
    log_in(team.noor)
    page.goto("/time/")
    clock = page.locator("#clock")
    expect(clock).to_contain_text("Not clocked in")
    assert fits(page)
    accessible()

    clock.get_by_role("button", name="Clock in").click()
    expect(clock).to_contain_text("In since")
    accessible()
    clock.get_by_role("button", name="Start break").click()
    expect(clock).to_contain_text("On a break since")
    clock.get_by_role("button", name="End break").click()
    expect(clock).to_contain_text("In since")
    clock.get_by_role("button", name="Clock out").click()
    expect(clock).to_contain_text("Out since")

    assert fits(page)
    accessible()
    directions = Punch.objects.order_by("punched_at").values_list(
        "direction", flat=True
    )
    assert list(directions) == ["in", "break_start", "break_end", "out"]


def test_two_windows_do_not_clock_in_twice(page, context, team, log_in):
    log_in(team.noor)
    page.goto("/time/")
    other = context.new_page()
    other.goto("/time/")

    page.locator("#clock").get_by_role("button", name="Clock in").click()
    expect(page.locator("#clock")).to_contain_text("In since")
    other.locator("#clock").get_by_role("button", name="Clock in").click()

    expect(other.get_by_role("alert")).to_contain_text("You are clocked in since")
    assert Punch.objects.count() == 1


def test_a_correction_is_shown_sent_and_approved(
    page, context, team, accessible, log_in
):
    noor = team.noor.user.employees.get()
    zone = noor.location.zone
    yesterday = timezone.localdate(timezone=zone) - dt.timedelta(days=1)
    came_at = dt.datetime.combine(yesterday, dt.time(9), zone)
    with time_machine.travel(came_at + dt.timedelta(days=1), tick=False):
        record_punch(NewPunch(noor, came_at, Punch.Direction.IN))
    page.set_viewport_size(PHONE)
    log_in(team.noor)
    page.goto(f"/time/{yesterday}/")
    expect(page.get_by_text("The clock-out is missing.")).to_be_visible()
    assert fits(page)
    accessible()

    page.get_by_role("link", name="Ask for a correction").first.click()
    row = page.get_by_role("group", name="Missing punch 1")
    row.get_by_label("Time").fill("17:30")
    row.get_by_label("What").select_option("Clock out")
    effect = page.locator("#effect")
    expect(effect).to_contain_text("8:30")
    assert fits(page)
    accessible()
    page.get_by_label("What happened?").fill("Left by the side door")
    page.get_by_role("button", name="Send to Miriam Okafor").click()
    expect(page.get_by_text("Pending")).to_be_visible()
    accessible()
    context.clear_cookies()

    log_in(team.miriam)
    page.goto("/inbox/")
    expect(page.get_by_text("Left by the side door")).to_be_visible()
    assert fits(page)
    accessible()
    page.get_by_role("button", name=re.compile("Approve for Noor")).click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    day = AttendanceDay.objects.get(employee=noor, on=yesterday)
    assert (day.status, day.worked_minutes) == ("present", 510)


def test_a_manager_sees_where_the_team_is(page, team, accessible, log_in):
    noor = team.noor.user.employees.get()
    record_punch(NewPunch(noor, timezone.now(), Punch.Direction.IN))
    page.set_viewport_size(PHONE)
    log_in(team.miriam)

    page.goto("/time/team/")

    expect(page.get_by_role("heading", name="In", exact=True)).to_be_visible()
    assert fits(page)
    accessible()
    page.get_by_role("link", name="Noor Haddad").click()
    expect(page.get_by_role("heading", name="Punches")).to_be_visible()
    accessible()
