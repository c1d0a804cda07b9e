"""The pages of leave."""

import datetime as dt
import html
import re
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leave.calendar import Portion
from leave.ledger import figures_of
from leave.models import LeaveRequest
from leave.services import approve_leave, grant_leave, request_leave, save_holiday
from tests.factories import DepartmentFactory, EmployeeFactory
from tests.factories.leave import HolidayCalendarFactory, LeaveTypeFactory
from tests.leave.conftest import june, make_team

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _may():
    """It is Monday, 4 May 2026, 11:00 in Berlin."""
    with time_machine.travel(NOW, tick=True):
        yield


def client_of(employee) -> Client:
    client = Client()
    client.force_login(employee.user)
    return client


@pytest.fixture
def ada(team) -> Client:
    return client_of(team.ada)


@pytest.fixture
def grace(team) -> Client:
    return client_of(team.grace)


def asked(team, first=1, last=3, **options) -> LeaveRequest:
    return request_leave(
        team.ada, team.annual, first_on=june(first), last_on=june(last), **options
    )


def text(response) -> str:
    return " ".join(response.content.decode().split())


def answers(team, **changes) -> dict[str, str]:
    return {
        "leave_type": str(team.annual.pk),
        "first_on": "2026-06-01",
        "last_on": "2026-06-03",
        "first_portion": "full",
        "last_portion": "full",
        "note": "Sea",
        **changes,
    }


def test_the_overview_shows_what_one_has_and_asked_for(team, ada):
    asked(team)

    page = text(ada.get("/leave/"))

    assert 'href="/leave/statement/' in page
    assert "10 granted · 0 taken or planned · 3 pending" in page
    assert "Mon 1 Jun \N{EN DASH} Wed 3 Jun 2026" in page
    assert "Grace" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_overview_takes_as_many_queries_for_many_requests(
    team, ada, count, django_assert_num_queries
):
    for day in (1, 2, 3)[:count]:
        asked(team, day, day)

    ada.get("/leave/")  # the first request of a session notes more

    with django_assert_num_queries(9):
        ada.get("/leave/")


def test_a_statement_tells_every_line_and_what_it_left(team, ada):
    approve_leave(asked(team), access=team.access(team.grace))

    page = text(ada.get(f"/leave/statement/{team.annual.pk}/?year=2026"))

    for words in (
        "Granted",
        "+10",
        "Reserved",
        "\N{MINUS SIGN}3",
        "Released",
        "+3",
        "Taken",
    ):
        assert words in page


def test_a_request_is_sent_and_its_receipt_shown(team, ada):
    response = ada.post(
        "/leave/request/", {**answers(team), "send": "yes"}, follow=True
    )

    sent = LeaveRequest.objects.get()
    assert response.redirect_chain == [(f"/leave/requests/{sent.pk}/", 302)]
    assert (sent.charge, sent.note) == (3, "Sea")
    assert f"Sent to {team.grace}." in text(response)


def test_without_a_script_the_cost_is_shown_and_nothing_sent(team, ada):
    page = text(ada.post("/leave/request/", {**answers(team), "show": "yes"}))

    assert "3 days" in page
    assert "10 → 7" in page
    assert "Send to Grace" in page
    assert not LeaveRequest.objects.exists()


def test_the_live_panel_shows_every_day_and_why(team, ada):
    calendar = HolidayCalendarFactory(organization=team.organization)
    save_holiday(calendar, june(2), name="Founders' day", portion=Portion.AFTERNOON)

    panel = text(ada.get("/leave/request/cost/", answers(team, last_on="2026-06-07")))

    assert "<!doctype" not in panel
    assert "Afternoon off: Founders&#x27; day" in panel
    assert "Weekend" in panel
    assert "4.5 days" in panel
    assert "10 → 5.5" in panel


def test_the_live_panel_says_why_it_cannot_be(team, ada):
    panel = text(ada.get("/leave/request/cost/", answers(team, last_on="2026-06-30")))

    assert "22 days asked for, 10 left on 1 June 2026. That is 12 too many." in panel


def test_the_live_panel_waits_for_the_days(team, ada):
    panel = text(ada.get("/leave/request/cost/", answers(team, first_on="")))

    assert "Choose the days" in panel


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"last_on": "2026-05-29"}, "The last day, 29 May 2026, lies before the first"),
        ({"last_on": "2026-06-30"}, "22 days asked for, 10 left"),
        ({"first_on": "2024-01-01", "last_on": "2024-01-31"}, "employment begins"),
        ({"first_on": "tomorrow"}, "Enter a valid date."),
    ],
)
def test_a_broken_rule_lands_on_the_form(team, ada, changes, words):
    response = ada.post("/leave/request/", {**answers(team, **changes), "send": "yes"})

    assert response.status_code == 200
    assert words in text(response)
    assert not LeaveRequest.objects.exists()


def test_another_organizations_type_is_not_offered_nor_taken(team, ada):
    theirs = LeaveTypeFactory(name="Their leave", is_limited=False)

    page = text(ada.get("/leave/request/"))
    response = ada.post(
        "/leave/request/", {**answers(team, leave_type=str(theirs.pk)), "send": "yes"}
    )

    assert "Their leave" not in page
    assert "Select a valid choice" in text(response)
    assert not LeaveRequest.objects.exists()


def test_a_receipt_is_for_the_person_the_manager_and_hr(team, ada, grace):
    leave_request = asked(team, note="A private matter")
    address = f"/leave/requests/{leave_request.pk}/"
    peer = make_team()

    assert "A private matter" in text(ada.get(address))
    assert "A private matter" in text(grace.get(address))
    assert client_of(team.hedy).get(address).status_code == 200
    assert client_of(peer.hedy).get(address).status_code == 404


def test_a_long_absence_asks_for_a_certificate_wherever_it_shows(team, ada, grace):
    team.annual.certificate_after_days = 2
    team.annual.save()
    leave_request = asked(team)

    receipt = text(ada.get(f"/leave/requests/{leave_request.pk}/"))
    inbox = text(grace.get("/inbox/"))

    assert "An absence of more than 2 days needs a certificate." in receipt
    assert "needs a certificate" in inbox


def test_a_colleague_does_not_see_a_receipt(team, member_client):
    leave_request = asked(team)
    colleague = member_client("employee", team.organization)

    assert colleague.get(f"/leave/requests/{leave_request.pk}/").status_code == 404


def test_the_inbox_shows_what_waits_and_who_else_is_away(team, grace):
    peer = EmployeeFactory(
        organization=team.organization,
        first_name="Mary",
        last_name="Somerville",
        manager=team.grace,
    )
    grant_leave(peer, team.annual, year=2026, amount=Decimal(5))
    away = request_leave(peer, team.annual, first_on=june(2), last_on=june(4))
    approve_leave(away, access=team.access(team.hedy))
    asked(team)

    page = text(grace.get("/inbox/"))

    assert "1 thing waits for you" in page
    assert "At most 1 of 1 others in the team away, on June 2" in page.replace(
        "2 June", "June 2"
    )
    assert "Mary Somerville" in page
    assert "7 days of 2026 are left after it" in page


def test_the_inbox_of_somebody_else_is_empty(team, ada):
    asked(team)

    assert "Nothing waits for you" in text(ada.get("/inbox/"))


def test_the_inbox_takes_as_many_queries_for_three_as_for_one(team, grace):
    """However many apps have something to decide in it."""
    grace.get("/inbox/")
    counts = []
    for days in ([1], [2, 3]):
        for day in days:
            asked(team, day, day)
        with CaptureQueriesContext(connection) as queries:
            grace.get("/inbox/")
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[0] < 15


def test_the_inbox_shows_ten_at_once_and_finds_people(team, grace):
    asked(team, 1, 1)
    peer = EmployeeFactory(
        organization=team.organization, first_name="Mary", manager=team.grace
    )
    grant_leave(peer, team.annual, year=2026, amount=Decimal(20))
    workdays = [day for day in range(1, 20) if june(day).weekday() < 5]
    for day in workdays[:11]:
        request_leave(peer, team.annual, first_on=june(day), last_on=june(day))

    page = text(grace.get("/inbox/"))
    more = re.search(r'href="(/inbox/\?[^"]+)"', page)
    assert more
    # What is decided meanwhile shifts nothing.
    approve_leave(
        LeaveRequest.objects.earliest("created_at"), access=team.access(team.grace)
    )
    rest = text(grace.get(html.unescape(more[1]), headers={"HX-Request": "true"}))
    found = text(grace.get("/inbox/", {"q": "ada"}))

    assert "12 things wait for you" in page
    assert (page.count("<section"), rest.count("<section")) == (10, 2)
    assert "<html" not in rest
    assert "Nothing of these people waits for you" in found
    assert text(grace.get("/inbox/", {"q": "mary"})).count("<section") == 10
    assert grace.get("/inbox/", {"after": "soon"}).status_code == 302


def test_a_manager_approves_from_the_inbox(team, grace):
    leave_request = asked(team)

    response = grace.post(
        f"/leave/requests/{leave_request.pk}/approve/", {"next": "/inbox/"}, follow=True
    )

    assert response.redirect_chain == [("/inbox/", 302)]
    leave_request.refresh_from_db()
    assert leave_request.is_approved
    assert leave_request.decided_by == team.grace.user
    assert "Approved." in text(response)


def test_a_manager_declines_with_a_reason(team, grace):
    leave_request = asked(team)
    address = f"/leave/requests/{leave_request.pk}/decline/"

    refused = text(grace.post(address, {"reason": " "}, follow=True))
    grace.post(address, {"reason": "Audit week"})

    assert "Say why; the person who asked reads it." in refused
    leave_request.refresh_from_db()
    assert leave_request.decline_reason == "Audit week"


def test_the_second_decision_is_told_who_was_faster(team, grace):
    leave_request = asked(team)
    approve_leave(leave_request, access=team.access(team.hedy))

    page = text(grace.post(f"/leave/requests/{leave_request.pk}/approve/", follow=True))

    assert f"This request is approved: {team.hedy.user}, 4 May 2026, 11:" in page


def test_one_does_not_approve_ones_own(team):
    grant_leave(team.hedy, team.annual, year=2026, amount=Decimal(5))
    own = request_leave(team.hedy, team.annual, first_on=june(1), last_on=june(1))

    response = client_of(team.hedy).post(f"/leave/requests/{own.pk}/approve/")

    assert response.status_code == 403
    own.refresh_from_db()
    assert own.is_pending


def test_an_employee_may_not_approve_at_all(team, ada):
    leave_request = asked(team)

    response = ada.post(f"/leave/requests/{leave_request.pk}/approve/")

    assert response.status_code == 403


def test_a_decision_takes_a_post(team, grace):
    leave_request = asked(team)

    response = grace.get(f"/leave/requests/{leave_request.pk}/approve/")

    assert response.status_code == 405


def test_one_withdraws_and_gives_back(team, ada):
    pending, granted = asked(team, 1, 1), asked(team, 8, 10)
    approve_leave(granted, access=team.access(team.grace))

    ada.post(f"/leave/requests/{pending.pk}/withdraw/")
    ada.post(f"/leave/requests/{granted.pk}/cancel/", {"from_on": "2026-06-10"})

    pending.refresh_from_db()
    granted.refresh_from_db()
    assert pending.status == "withdrawn"
    assert (granted.status, granted.charge) == ("approved", 2)
    assert figures_of(team.account, 2026).available == 8


def test_the_way_back_stays_on_our_pages(team, grace):
    leave_request = asked(team)

    response = grace.post(
        f"/leave/requests/{leave_request.pk}/approve/",
        {"next": "https://evil.example/"},
    )

    assert response["Location"] == f"/leave/requests/{leave_request.pk}/"


def test_the_calendar_shows_colleagues_as_away_and_not_what_for(team, ada):
    sickness = LeaveTypeFactory(
        organization=team.organization, name="Sickness", is_limited=False
    )
    peer = EmployeeFactory(
        organization=team.organization, last_name="Somerville", manager=team.grace
    )
    sick = request_leave(peer, sickness, first_on=june(2), last_on=june(3))
    request_leave(peer, sickness, first_on=june(8), last_on=june(8))
    approve_leave(sick, access=team.access(team.grace))

    mine = text(ada.get("/leave/calendar/?month=2026-06"))
    managers = text(client_of(team.grace).get("/leave/calendar/?month=2026-06"))

    assert mine.count('title="Away"') == 2
    assert "Sickness" not in mine
    assert "(asked for)" not in mine
    assert managers.count('title="Sickness"') == 2
    assert managers.count('title="Sickness (asked for)"') == 1


def test_the_calendar_shows_ones_own_requests_and_holidays(team, ada):
    calendar = HolidayCalendarFactory(organization=team.organization)
    save_holiday(calendar, june(4), name="Corpus Christi")
    asked(team, 1, 1, first_portion=Portion.MORNING)

    page = text(ada.get("/leave/calendar/?month=2026-06"))

    assert 'class="asked morning tone-teal" title="Annual leave (asked for)"' in page
    assert page.count('title="Corpus Christi"') == 2  # Ada and Grace


@pytest.mark.parametrize("month", ["2026-13", "never", "", "20260-1"])
def test_a_wrong_month_shows_this_one(ada, month):
    assert "May 2026" in text(ada.get("/leave/calendar/", {"month": month}))


def test_the_calendar_of_a_department(team, ada):
    department = DepartmentFactory(organization=team.organization)
    EmployeeFactory(
        organization=team.organization, department=department, last_name="Herschel"
    )

    page = text(ada.get(f"/leave/calendar/?department={department.pk}"))

    assert "Herschel" in page
    assert str(team.grace) not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_calendar_takes_as_many_queries_for_many(
    team, ada, count, django_assert_num_queries
):
    EmployeeFactory.create_batch(
        count, organization=team.organization, manager=team.grace
    )

    ada.get("/leave/calendar/?month=2026-06")

    with django_assert_num_queries(10):
        ada.get("/leave/calendar/?month=2026-06")


@pytest.mark.parametrize("page", ["/leave/", "/leave/request/"])
def test_a_member_who_is_no_employee_is_told_so(member_client, page):
    assert "No employee belongs to your login" in text(member_client().get(page))


@pytest.mark.parametrize(
    "page",
    ["/leave/", "/leave/request/", "/leave/calendar/", "/inbox/"],
)
def test_strangers_are_asked_to_log_in(page):
    response = Client().get(page)

    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")
