"""The pages: who sees what, what each costs, what a broken rule looks like."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from attendance.models import Correction, Punch
from attendance.services import (
    Asked,
    AskedPunch,
    approve_correction,
    request_correction,
    void_punch,
)
from employees.models import Employee
from organizations.roles import Role
from tests.attendance.conftest import MONDAY, access_of, at, press, result_of
from tests.factories import EmployeeFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

CLOCK = reverse("attendance:clock")
MONTH = reverse("attendance:month")
TEAM = reverse("attendance:team")
DAY = reverse("attendance:day", args=[MONDAY])
CORRECT = reverse("attendance:correct", args=[MONDAY])
EFFECT = reverse("attendance:effect", args=[MONDAY])
LIVE = {"HX-Request": "true"}


def log_in(client, employee: Employee, role: Role):
    MembershipFactory(organization=employee.organization, user=employee.user, role=role)
    client.force_login(employee.user)
    return client


@pytest.fixture
def mine(client, employee):
    """The browser of the employee."""
    return log_in(client, employee, Role.EMPLOYEE)


@pytest.fixture
def managers(client, employee):
    """The browser of their manager."""
    return log_in(client, employee.manager, Role.MANAGER)


@pytest.mark.parametrize("address", [CLOCK, MONTH, TEAM, DAY, CORRECT, EFFECT])
def test_strangers_are_asked_to_log_in(client, address):
    response = client.get(address)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("address", [MONTH, DAY])
def test_who_is_no_employee_has_no_time(client, employee, address):
    owner = MembershipFactory(organization=employee.organization, role=Role.OWNER)
    client.force_login(owner.user)

    assert client.get(address).status_code == (200 if address == MONTH else 404)


# --- The clock ------------------------------------------------------------------------


def test_one_button_clocks_in_and_goes_back_where_it_was(mine, employee):
    with time_machine.travel(at("08:58"), tick=False):
        response = mine.post(CLOCK, {"press": "in", "next": "/"})

    assert response.status_code == 302
    assert response["Location"] == "/"
    assert Punch.objects.get().direction == "in"
    with time_machine.travel(at("12:10"), tick=False):
        clock = mine.get(CLOCK).context["clock"]
    assert (clock.state, clock.since, clock.worked_minutes) == ("in", at("08:58"), 192)


def test_the_live_button_answers_with_the_clock(mine):
    with time_machine.travel(at("08:58"), tick=False):
        response = mine.post(CLOCK, {"press": "in"}, headers=LIVE)

    assert response.status_code == 200
    assert "In since 08:58" in response.text
    assert "<html" not in response.text


def test_a_second_clock_in_says_since_when(mine):
    with time_machine.travel(at("08:58"), tick=False):
        mine.post(CLOCK, {"press": "in"}, headers=LIVE)
    with time_machine.travel(at("09:10"), tick=False):
        live = mine.post(CLOCK, {"press": "in"}, headers=LIVE)
        plain = mine.post(CLOCK, {"press": "in"}, follow=True)

    assert "You are clocked in since 08:58." in live.text
    assert [str(each) for each in plain.context["messages"]] == [
        "You are clocked in since 08:58."
    ]
    assert Punch.objects.count() == 1


def test_an_unknown_press_is_not_found(mine):
    assert mine.post(CLOCK, {"press": "sideways"}).status_code == 404


def test_the_clock_goes_nowhere_else(mine):
    response = mine.post(CLOCK, {"press": "in", "next": "https://evil.example/"})

    assert response["Location"] == MONTH


def test_a_break_stops_the_figure(mine):
    for moment, pressed in (("09:00", "in"), ("12:00", "break_start")):
        with time_machine.travel(at(moment), tick=False):
            mine.post(CLOCK, {"press": pressed})
    with time_machine.travel(at("12:20"), tick=False):
        clock = mine.get(CLOCK).context["clock"]

    assert (clock.state, clock.since, clock.worked_minutes) == (
        "break",
        at("12:00"),
        180,
    )


def test_a_night_that_goes_on_is_still_today(mine, employee):
    press(employee, "in", at("22:00", MONDAY - dt.timedelta(days=1)))
    with time_machine.travel(at("01:00"), tick=False):
        clock = mine.get(CLOCK).context["clock"]

    assert (clock.state, clock.worked_minutes) == ("in", 180)
    assert clock.result.on == MONDAY - dt.timedelta(days=1)


# --- Months and days ------------------------------------------------------------------


def test_a_month_shows_every_day_and_sums_those_that_passed(mine, employee):
    for on in (2, 3):
        press(employee, "in", at("09:00", dt.date(2026, 11, on))) if on == 2 else None
    press(employee, "out", "17:00")
    with time_machine.travel(at("08:00", dt.date(2026, 11, 5)), tick=False):
        month = mine.get(MONTH).context["month"]

    assert len(month.days) == 30
    # Monday to Wednesday have passed: 3 x 8:00 required, 8:00 worked.
    assert (month.worked_minutes, month.required_minutes) == (480, 1440)
    assert [day.status.value for day in month.days[:5]] == [
        "off",
        "present",
        "absent",
        "absent",
        "expected",
    ]


@pytest.mark.parametrize(
    ("asked", "shown"), [("2026-02", 28), ("2024-02", 29), ("never", 30), ("", 30)]
)
def test_any_month_is_shown_and_nonsense_is_this_one(mine, asked, shown):
    month = mine.get(MONTH, {"month": asked}).context["month"]

    assert len(month.days) == shown


@pytest.mark.parametrize("count", [1, 3])
def test_a_month_costs_the_same_with_one_session_and_with_three(
    mine, employee, count, django_assert_num_queries
):
    for hour in range(count):
        press(employee, "in", f"{9 + 2 * hour:02}:00")
        press(employee, "out", f"{10 + 2 * hour:02}:00")

    mine.get(MONTH)  # the first request of a session notes more

    # Four of every page; the employee, twice what days rest on, corrections.
    with django_assert_num_queries(8):
        mine.get(MONTH)


def test_a_day_shows_every_punch_with_its_zone_also_void_ones(mine, employee):
    press(employee, "in", "09:00")
    void_punch(press(employee, "out", "12:00"), reason="The sensor")

    response = mine.get(DAY)

    assert [punch.is_voided for punch in response.context["day"].punches] == [
        False,
        True,
    ]
    assert "Europe/Berlin" in response.text
    assert "The sensor" in response.text


def test_a_clock_out_after_midnight_shows_on_the_day_it_belongs_to(mine, employee):
    sunday = MONDAY - dt.timedelta(days=1)
    press(employee, "in", at("22:00", sunday))
    press(employee, "out", at("06:00"))

    first = mine.get(reverse("attendance:day", args=[sunday])).context["day"]
    second = mine.get(DAY).context["day"]

    assert (len(first.punches), len(second.punches)) == (2, 0)


def test_a_date_that_does_not_exist_is_not_found(mine):
    assert mine.get("/time/2026-02-30/").status_code == 404


# --- Whose ----------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["person_month", "person_day"])
def test_a_manager_sees_their_people_and_nobody_else(managers, employee, page):
    other = EmployeeFactory(organization=employee.organization)
    more = [MONDAY] if page == "person_day" else []

    def status(whose: Employee) -> int:
        address = reverse(f"attendance:{page}", args=[whose.pk, *more])
        code: int = managers.get(address).status_code
        return code

    assert status(employee) == 200
    assert status(other) == 404
    assert status(EmployeeFactory()) == 404


def test_colleagues_do_not_see_each_others_time(client, employee):
    colleague = EmployeeFactory(organization=employee.organization, user=UserFactory())
    browser = log_in(client, colleague, Role.EMPLOYEE)

    address = reverse("attendance:person_month", args=[employee.pk])

    assert browser.get(address).status_code == 404


def test_hr_sees_everybodys_time(client, employee):
    hr = EmployeeFactory(organization=employee.organization, user=UserFactory())
    browser = log_in(client, hr, Role.HR)

    address = reverse("attendance:person_month", args=[employee.pk])

    assert browser.get(address).status_code == 200


# --- Corrections ----------------------------------------------------------------------

ADD_OUT = {"time_0": "17:30", "direction_0": "out"}


def test_the_effect_is_shown_before_it_is_sent(mine, employee):
    press(employee, "in", "09:00")
    with time_machine.travel(at("08:00", dt.date(2026, 11, 4)), tick=False):
        live = mine.get(EFFECT, ADD_OUT, headers=LIVE)
        plain = mine.post(CORRECT, {**ADD_OUT, "show": "1"})

    for response in (live, plain):
        assert response.context["effect_before"].status == "missing_punch"
        assert response.context["effect_after"].worked_minutes == 510
    assert not Correction.objects.exists()


def test_a_correction_is_sent_and_shown_on_its_day(mine, employee):
    press(employee, "in", "09:00")

    response = mine.post(
        CORRECT, {**ADD_OUT, "reason": "Forgot", "send": "1"}, follow=True
    )

    assert response.redirect_chain == [(DAY, 302)]
    assert "Forgot" in response.text
    correction = Correction.objects.get()
    assert correction.employee == employee
    assert correction.punches.get().punched_at == at("17:30")
    assert mine.get(CORRECT).status_code == 404  # one at a time


def test_a_broken_rule_lands_on_the_form(mine, employee):
    response = mine.post(CORRECT, {**ADD_OUT, "send": "1"})
    half = mine.post(CORRECT, {"time_0": "17:30", "reason": "Forgot", "send": "1"})

    assert response.context["form"].errors == {"reason": ["Say what happened."]}
    assert half.context["form"].errors == {"direction_0": ["Choose what it was."]}
    assert not Correction.objects.exists()


def test_a_day_that_lies_ahead_is_not_corrected(mine):
    tuesday = MONDAY + dt.timedelta(days=1)

    response = mine.get(reverse("attendance:correct", args=[tuesday]))

    assert response.status_code == 404


@pytest.fixture
def correction(employee) -> Correction:
    press(employee, "in", "09:00")
    add = [AskedPunch(at("17:30"), Punch.Direction.OUT)]
    return request_correction(Asked(employee, MONDAY, add), reason="Forgot")


def test_the_manager_approves_in_the_inbox(managers, employee, correction):
    inbox = reverse("leave:inbox")
    assert "Forgot" in managers.get(inbox).text

    response = managers.post(
        reverse("attendance:approve", args=[correction.pk]),
        {"next": inbox},
        follow=True,
    )

    assert response.redirect_chain == [(inbox, 302)]
    assert "Forgot" not in response.text
    assert result_of(employee) == ("present", 510)


def test_a_correction_tells_times_where_the_person_works(managers, employee):
    employee.location.time_zone = "America/New_York"
    employee.location.save()
    left_at = dt.datetime(2026, 11, 2, 12, 30, tzinfo=ZoneInfo("America/New_York"))
    asked = Asked(employee, MONDAY, [AskedPunch(left_at, Punch.Direction.OUT)])
    request_correction(asked, reason="Forgot")

    inbox = managers.get(reverse("leave:inbox")).text
    day = managers.get(
        reverse("attendance:person_day", args=[employee.pk, MONDAY])
    ).text

    for page in (inbox, day):
        assert "12:30 Clock out" in page
        assert "18:30" not in page  # as the organization's clock shows it


def test_a_decline_says_why(managers, correction):
    managers.post(reverse("attendance:decline", args=[correction.pk]), {"reason": "No"})

    correction.refresh_from_db()
    assert (correction.status, correction.decline_reason) == ("declined", "No")


def test_the_second_decision_is_told_of_the_first(managers, employee, correction):
    hr = access_of(employee.organization, UserFactory(), "attendance:approve_all")
    approve_correction(correction, access=hr)

    response = managers.post(
        reverse("attendance:decline", args=[correction.pk]),
        {"reason": "No"},
        follow=True,
    )

    [message] = response.context["messages"]
    assert str(message).startswith("This correction was approved by")


def test_nobody_decides_their_own_and_colleagues_find_nothing(
    mine, employee, correction
):
    address = reverse("attendance:approve", args=[correction.pk])
    assert mine.post(address).status_code == 403

    colleague = EmployeeFactory(organization=employee.organization, user=UserFactory())
    assert log_in(mine, colleague, Role.MANAGER).post(address).status_code == 404
    assert Correction.objects.get().is_pending


def test_one_takes_ones_own_back(mine, correction):
    mine.post(reverse("attendance:withdraw", args=[correction.pk]))

    assert Correction.objects.get().status == "withdrawn"


def test_decisions_are_posted(managers, correction):
    for name in ("approve", "decline", "withdraw"):
        address = reverse(f"attendance:{name}", args=[correction.pk])
        assert managers.get(address).status_code == 405


# --- The team -------------------------------------------------------------------------


def test_the_team_is_shown_where_it_is(managers, employee):
    def add(name: str) -> Employee:
        return EmployeeFactory(
            organization=employee.organization,
            location=employee.location,
            manager=employee.manager,
            first_name=name,
        )

    late, away, forgot, left = map(add, ["Late", "Away", "Forgot", "Left"])
    press(employee, "in", "08:55")
    press(late, "in", "09:20")
    press(forgot, "in", at("09:00", MONDAY))
    press(forgot, "in", "09:30")
    press(left, "in", "09:00")
    press(left, "out", "10:00")

    with time_machine.travel(at("11:00"), tick=False):
        members = managers.get(TEAM).context["members"]

    where = {each.employee: (each.presence.value, each.is_late) for each in members}
    assert where == {
        employee: ("in", False),
        late: ("in", True),
        away: ("not_in", True),
        forgot: ("in", False),
        left: ("left", False),
    }
    assert members[0].employee == away


def test_before_the_shift_nobody_is_late(managers, employee):
    with time_machine.travel(at("08:59"), tick=False):
        [member] = managers.get(TEAM).context["members"]

    assert (member.presence.value, member.is_late) == ("later", False)


@pytest.mark.parametrize("count", [1, 3])
def test_a_team_costs_the_same_with_one_and_with_three(
    managers, employee, count, django_assert_num_queries
):
    team = EmployeeFactory.create_batch(
        count - 1,
        organization=employee.organization,
        location=employee.location,
        manager=employee.manager,
    )
    for person in (employee, *team):
        press(person, "in", "09:00")

    managers.get(TEAM)  # the first request of a session notes more

    # Six of every page of who decides; the employee, their team with location and
    # organization, what days rest on.
    with django_assert_num_queries(11):
        response = managers.get(TEAM)

    assert len(response.context["members"]) == count


def test_employees_see_no_team(mine):
    assert mine.get(TEAM).status_code == 403
