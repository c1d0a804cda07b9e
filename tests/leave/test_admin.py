"""HR's side of leave."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from leave.ledger import figures_of
from leave.models import (
    Holiday,
    HolidayCalendar,
    LeaveAccount,
    LeaveLedgerEntry,
    LeaveRequest,
    LeaveType,
    WorkWeek,
)
from leave.services import (
    adjust_balance,
    grant_leave,
    import_holidays,
    request_leave,
    save_holiday,
)
from tests.factories.leave import HolidayCalendarFactory, LeaveTypeFactory
from tests.leave.conftest import june, make_team

pytestmark = pytest.mark.django_db
NAMES = [
    "leavetype",
    "holidaycalendar",
    "holiday",
    "workweek",
    "leaverequest",
    "leaveaccount",
    "leaveledgerentry",
]


@pytest.fixture
def hedy(team) -> Client:
    client = Client()
    client.force_login(team.hedy.user)
    return client


def address(name: str, view: str = "changelist", *args: object) -> str:
    return reverse(f"admin:leave_{name}_{view}", args=args)


def text(response) -> str:
    return " ".join(response.content.decode().split())


def asked(team):
    return request_leave(team.ada, team.annual, first_on=june(1), last_on=june(3))


@pytest.mark.parametrize("name", NAMES)
def test_every_list_opens_and_shows_ones_own_organization_alone(team, hedy, name):
    asked(team)
    HolidayCalendarFactory(organization=team.organization, name="Ours")
    stranger = make_team()
    asked(stranger)
    HolidayCalendarFactory(organization=stranger.organization, name="Theirs")

    response = hedy.get(address(name))

    assert response.status_code == 200
    shown = response.context["cl"].queryset
    assert {row.organization_id for row in shown} <= {team.organization.pk}
    assert response.context["cl"].queryset.model._meta.model_name == name


@pytest.mark.parametrize("name", NAMES)
def test_the_admin_of_leave_is_closed_to_managers(team, name):
    client = Client()
    client.force_login(team.grace.user)

    assert client.get(address(name)).status_code == 403


def act(client, action: str, *requests, **answers):
    return client.post(
        address("leaverequest"),
        {
            "action": action,
            "_selected_action": [str(r.pk) for r in requests],
            **answers,
        },
        follow=True,
    )


def test_requests_are_approved_by_an_action_and_refusals_told(team, hedy):
    grant_leave(team.hedy, team.annual, year=2026, amount=Decimal(5))
    own = request_leave(team.hedy, team.annual, first_on=june(1), last_on=june(1))
    theirs = asked(team)

    page = text(act(hedy, "approve", own, theirs))

    theirs.refresh_from_db()
    own.refresh_from_db()
    assert (theirs.status, own.status) == ("approved", "pending")
    assert "Nobody decides about their own leave." in page


def test_declining_asks_for_the_reason(team, hedy):
    leave_request = asked(team)

    page = text(act(hedy, "decline", leave_request))
    leave_request.refresh_from_db()
    assert "The person who asked reads it." in page
    assert leave_request.is_pending

    act(hedy, "decline", leave_request, answered="yes", reason="Audit week")
    leave_request.refresh_from_db()
    assert (leave_request.status, leave_request.decline_reason) == (
        "declined",
        "Audit week",
    )


def test_a_request_is_shown_with_its_days_and_not_edited(team, hedy):
    leave_request = asked(team)

    response = hedy.get(address("leaverequest", "change", leave_request.pk))
    posted = hedy.post(
        address("leaverequest", "change", leave_request.pk), {"status": "approved"}
    )

    assert "Working day" in text(response)
    assert posted.status_code == 403
    leave_request.refresh_from_db()
    assert leave_request.is_pending


def test_a_balance_is_adjusted_with_a_reason(team, hedy):
    page = address("leaveaccount", "adjust", team.account.pk)
    form = hedy.get(page).context["form"]
    answers = {
        "year": "2026",
        "amount": "-2.5",
        "reason": "Taken in December",
        "key": str(form.initial["key"]),
    }

    for _ in range(2):  # pressed twice
        hedy.post(page, answers)

    assert figures_of(team.account, 2026).available == Decimal("7.5")
    entry = LeaveLedgerEntry.objects.get(kind="adjustment")
    assert (entry.reason, entry.posted_by) == ("Taken in December", team.hedy.user)


def entered(team, **changes):
    return {
        "employee": str(team.ada.pk),
        "leave_type": str(team.annual.pk),
        "first_on": "2026-06-01",
        "first_portion": "full",
        "last_on": "2026-06-03",
        "last_portion": "morning",
        "note": "Told by telephone",
    } | changes


def test_leave_is_entered_for_somebody(team, hedy):
    page = address("leaverequest", "enter")
    assert "Enter it" in text(hedy.get(page))

    hedy.post(page, entered(team))

    request = LeaveRequest.objects.get()
    assert (request.employee, request.status, request.charge, request.note) == (
        team.ada,
        "pending",
        Decimal("2.5"),
        "Told by telephone",
    )


def test_what_is_entered_is_refused_with_the_figures(team, hedy):
    page = address("leaverequest", "enter")

    refused = hedy.post(page, entered(team, last_on="2026-06-30"))
    stranger = hedy.post(page, entered(make_team()))

    assert "21.5 days asked for, 10 left on 1 June 2026" in text(refused)
    assert stranger.context["form"].errors.keys() == {"employee", "leave_type"}
    assert not LeaveRequest._base_manager.exists()


def test_managers_enter_nothing_in_the_admin(team):
    client = Client()
    client.force_login(team.grace.user)

    response = client.post(address("leaverequest", "enter"), entered(team))

    assert response.status_code == 403
    assert not LeaveRequest.objects.exists()


def grant(team, **changes):
    return {
        "employee": str(team.hedy.pk),
        "leave_type": str(team.annual.pk),
        "year": "2026",
        "amount": "30",
        "reason": "By contract",
    } | changes


def test_one_person_is_granted_another_amount(team, hedy):
    page = address("leaveaccount", "grant")
    assert "Grant it" in text(hedy.get(page))

    shown = text(hedy.post(page, grant(team), follow=True))
    hedy.post(address("leavetype", "grant_a_year"), {"year": "2026"})

    account = LeaveAccount.objects.get(employee=team.hedy)
    assert "By contract" in shown
    assert figures_of(account, 2026).granted == 30


def test_what_is_granted_already_is_refused_with_the_figures(team, hedy):
    response = hedy.post(
        address("leaveaccount", "grant"), grant(team, employee=str(team.ada.pk))
    )

    assert "10 were granted for 2026 already." in text(response)
    assert figures_of(team.account, 2026).granted == 10


def test_another_organizations_people_and_types_are_not_granted(team, hedy):
    stranger = make_team()
    theirs = grant(stranger, employee=str(stranger.hedy.pk))

    response = hedy.post(address("leaveaccount", "grant"), theirs)

    assert response.context["form"].errors.keys() == {"employee", "leave_type"}
    assert LeaveAccount._base_manager.count() == 2


def test_what_is_not_limited_says_so(team, hedy):
    sickness = LeaveTypeFactory(organization=team.organization, is_limited=False)
    adjust_balance(
        team.ada, sickness, year=2026, amount=Decimal(-3), reason="Brought over"
    )

    assert "not limited" in text(hedy.get(address("leaveaccount")))


def test_a_balance_is_shown_with_its_lines(team, hedy):
    page = text(hedy.get(address("leaveaccount", "change", team.account.pk)))

    assert "Granted" in page


def test_an_adjustment_without_a_reason_is_refused_on_its_field(team, hedy):
    page = address("leaveaccount", "adjust", team.account.pk)

    response = hedy.post(
        page, {"year": "2026", "amount": "1", "reason": "", "key": str(team.ada.pk)}
    )

    assert response.context["form"].errors["reason"] == ["This field is required."]
    assert figures_of(team.account, 2026).available == 10


def test_another_organizations_balance_is_not_there(team, hedy):
    stranger = make_team()

    response = hedy.post(
        address("leaveaccount", "adjust", stranger.account.pk), {"year": "2026"}
    )

    assert response.status_code == 404


def test_the_ledger_is_read_only(team, hedy):
    entry = LeaveLedgerEntry.objects.get()

    assert hedy.get(address("leaveledgerentry", "change", entry.pk)).status_code == 200
    assert hedy.get(address("leaveledgerentry", "add")).status_code == 403
    assert hedy.post(address("leaveledgerentry", "delete", entry.pk)).status_code == 403


def test_a_year_is_granted_to_everybody(team, hedy):
    page = text(
        hedy.post(address("leavetype", "grant_a_year"), {"year": "2027"}, follow=True)
    )

    assert "3 balances were granted for 2027." in page
    assert figures_of(team.account, 2027).granted == 25


def test_a_type_is_added_once(team, hedy):
    answers = {
        "name": "Sabbatical",
        "colour": "violet",
        "unit": "days",
        "is_active": "on",
    }
    hedy.post(address("leavetype", "add"), answers)
    again = hedy.post(address("leavetype", "add"), answers)

    assert LeaveType.objects.filter(name="Sabbatical").count() == 1
    assert "There is a leave type of this name." in text(again)


def test_an_import_shows_what_would_change_before_it_does(team, hedy):
    calendar = HolidayCalendarFactory(organization=team.organization, country="DE")
    save_holiday(calendar, dt.date(2026, 12, 24), name="Christmas Eve")
    page = address("holidaycalendar", "import_year", calendar.pk)

    look = text(hedy.get(f"{page}?year=2026"))
    assert "9 days of 2026 would change" in look
    assert "1 of your own are left alone" in look
    assert calendar.holidays.count() == 1

    hedy.post(page, {"year": "2026", "import": "yes"})
    assert calendar.holidays.count() == 10


def test_an_import_without_a_country_is_told(team, hedy):
    calendar = HolidayCalendarFactory(organization=team.organization, country="")
    page = address("holidaycalendar", "import_year", calendar.pk)

    response = hedy.get(page, follow=True)

    assert "Choose the country whose public holidays count here." in text(response)


def test_days_are_added_moved_and_removed_and_told(team, hedy, occurred):
    calendar = HolidayCalendarFactory(organization=team.organization, country="DE")
    moved = save_holiday(calendar, june(2), name="Moved")
    gone = save_holiday(calendar, june(3), name="Gone")
    occurred.clear()
    day = {"calendar": str(calendar.pk), "portion": "full"}

    hedy.post(address("holiday", "add"), {**day, "on": "2026-06-20", "name": "New"})
    hedy.post(
        address("holiday", "change", moved.pk),
        {**day, "on": "2026-06-12", "name": "Moved"},
    )
    hedy.post(address("holiday", "delete", gone.pk), {"post": "yes"})

    assert [(day.on.day, day.name) for day in calendar.holidays.all()] == [
        (12, "Moved"),
        (20, "New"),
    ]
    told = [event.data["changed_days"] for event in occurred]
    assert told == [[june(20)], [june(2)], [june(12)], [june(3)]]


def test_a_day_is_on_a_calendar_once(team, hedy):
    calendar = HolidayCalendarFactory(organization=team.organization)
    save_holiday(calendar, june(2), name="First")

    response = hedy.post(
        address("holiday", "add"),
        {
            "calendar": str(calendar.pk),
            "portion": "full",
            "on": "2026-06-02",
            "name": "Second",
        },
    )

    assert "This calendar has a holiday on that day." in text(response)


def test_a_work_week_is_a_persons_or_a_locations(team, hedy):
    answers = {
        "employee": str(team.ada.pk),
        "effective_on": "2026-01-01",
        **dict.fromkeys(["monday", "tuesday", "wednesday", "thursday"], "6"),
        **dict.fromkeys(["friday", "saturday", "sunday"], "0"),
    }

    hedy.post(address("workweek", "add"), answers)

    week = WorkWeek.objects.get()
    assert (week.employee, sum(week.rule.hours)) == (team.ada, 24)
    assert "24" in text(hedy.get(address("workweek")))


def test_another_organizations_employee_is_no_choice(team, hedy):
    answers = {
        "employee": str(make_team().ada.pk),
        "effective_on": "2026-01-01",
        **dict.fromkeys(
            [
                "monday",
                "tuesday",
                "wednesday",
                "thursday",
                "friday",
                "saturday",
                "sunday",
            ],
            "6",
        ),
    }

    hedy.post(address("workweek", "add"), answers)

    assert not WorkWeek.objects.exists()


def test_public_holidays_are_listed(team, hedy):
    calendar = HolidayCalendarFactory(organization=team.organization, country="DE")
    import_holidays(calendar, 2026)

    assert HolidayCalendar.objects.get().holidays.count() == 9
    assert "Public holiday" in text(
        hedy.get(address("holidaycalendar", "change", calendar.pk))
    )
    assert Holiday.objects.count() == 9
