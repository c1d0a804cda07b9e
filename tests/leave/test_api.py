"""Leave, for integrators."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from rest_framework.test import APIClient

from leave.models import LeaveRequest, WorkWeek
from leave.services import approve_leave, grant_leave, request_leave, save_holiday
from organizations.problems import problem_type
from tests.factories.leave import (
    HolidayCalendarFactory,
    LeaveTypeFactory,
    WorkWeekFactory,
)
from tests.leave.conftest import june, make_team

pytestmark = pytest.mark.django_db


def api(employee) -> APIClient:
    client = APIClient()
    client.force_login(employee.user)
    return client


def asked(team, first=1, last=3) -> LeaveRequest:
    return request_leave(
        team.ada, team.annual, first_on=june(first), last_on=june(last)
    )


def body(team, **changes) -> dict[str, object]:
    return {
        "leave_type": str(team.annual.pk),
        "first_on": "2026-06-01",
        "last_on": "2026-06-03",
        **changes,
    }


def test_leave_is_asked_for(team):
    response = api(team.ada).post("/api/v1/leave/requests/", body(team, note="Sea"))

    created = LeaveRequest.objects.get()
    assert response.status_code == 201
    assert response["Location"].endswith(f"/api/v1/leave/requests/{created.pk}/")
    assert response["ETag"] == '"1"'
    shown = response.json()
    assert shown["employee"] == str(team.ada.pk)
    assert shown["leave_type"] == str(team.annual.pk)
    assert (shown["status"], shown["charge"], shown["note"]) == (
        "pending",
        "3.000",
        "Sea",
    )


def test_a_refusal_is_a_problem_document_with_the_figures(team):
    response = api(team.ada).post(
        "/api/v1/leave/requests/", body(team, last_on="2026-06-30")
    )

    assert response.status_code == 400
    assert response.json()["errors"] == [
        {
            "field": "leave_type",
            "pointer": "/leave_type",
            "code": "insufficient_balance",
            "message": (
                "Annual leave of 2026: 22 days asked for, 10 left on 1 June 2026. "
                "That is 12 too many."
            ),
        }
    ]


def test_a_preview_counts_and_writes_nothing(team):
    response = api(team.ada).post(
        "/api/v1/leave/requests/preview/", body(team, last_on="2026-06-06")
    )

    assert response.status_code == 200
    shown = response.json()
    assert (shown["charge"], shown["is_possible"]) == ("5.000", True)
    assert shown["days"][5] == {
        "on": "2026-06-06",
        "portion": "full",
        "charge": "0.000",
        "reason": "weekend",
        "words": "Weekend",
    }
    assert shown["years"] == [
        {
            "year": 2026,
            "first_on": "2026-06-01",
            "charge": "5.000",
            "before": "10.000",
            "after": "5.000",
        }
    ]
    assert not LeaveRequest.objects.exists()


def test_a_preview_says_why_it_could_not_be(team):
    shown = (
        api(team.ada)
        .post("/api/v1/leave/requests/preview/", body(team, last_on="2026-06-30"))
        .json()
    )

    assert shown["is_possible"] is False
    assert [refusal["code"] for refusal in shown["refusals"]] == [
        "insufficient_balance"
    ]


def test_somebody_elses_leave_is_hrs_to_ask_for(team):
    theirs = body(team, employee=str(team.ada.pk))

    assert api(team.grace).post("/api/v1/leave/requests/", theirs).status_code == 403
    assert api(team.hedy).post("/api/v1/leave/requests/", theirs).status_code == 201
    assert LeaveRequest.objects.get().employee == team.ada


@pytest.mark.parametrize("field", ["leave_type", "employee"])
def test_another_organizations_records_are_not_found(team, field):
    stranger = make_team()
    ids = {"leave_type": stranger.annual.pk, "employee": stranger.ada.pk}

    response = api(team.hedy).post(
        "/api/v1/leave/requests/", body(team, **{field: str(ids[field])})
    )

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field
    assert not LeaveRequest.objects.exists()


def test_requests_are_listed_to_whom_they_concern(team):
    mine = asked(team)
    grant_leave(team.hedy, team.annual, year=2026, amount=Decimal(5))
    theirs = request_leave(team.hedy, team.annual, first_on=june(1), last_on=june(1))
    stranger = make_team()
    asked(stranger)

    def listed(employee) -> set[str]:
        found = api(employee).get("/api/v1/leave/requests/").json()["results"]
        return {row["id"] for row in found}

    assert listed(team.ada) == {str(mine.pk)}
    assert listed(team.grace) == {str(mine.pk)}
    assert listed(team.hedy) == {str(mine.pk), str(theirs.pk)}


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_as_many_queries_for_many(team, count, django_assert_num_queries):
    for day in (1, 2, 3)[:count]:
        asked(team, day, day)
    client = api(team.grace)
    client.get("/api/v1/leave/requests/")

    with django_assert_num_queries(4):
        response = client.get("/api/v1/leave/requests/")

    assert len(response.json()["results"]) == count


def test_a_request_is_approved_once_and_the_second_is_told(team):
    leave_request = asked(team)
    address = f"/api/v1/leave/requests/{leave_request.pk}/approve/"

    with time_machine.travel(dt.datetime(2026, 5, 4, 8, 32, tzinfo=dt.UTC)):
        first = api(team.grace).post(address)
    second = api(team.hedy).post(address)

    assert (first.status_code, first.json()["status"]) == (200, "approved")
    assert second.status_code == 409
    assert second.json()["type"] == problem_type("decided")
    assert second.json()["detail"] == (
        f"This request is approved: {team.grace.user}, 4 May 2026, 10:32."
    )


def test_who_may_not_decide_is_refused(team):
    leave_request = asked(team)
    address = f"/api/v1/leave/requests/{leave_request.pk}/approve/"

    assert api(team.ada).post(address).status_code == 403
    leave_request.refresh_from_db()
    assert leave_request.is_pending


def test_a_request_is_declined_with_a_reason(team):
    leave_request = asked(team)
    address = f"/api/v1/leave/requests/{leave_request.pk}/decline/"

    assert api(team.grace).post(address, {}).status_code == 400
    declined = api(team.grace).post(address, {"reason": "Audit week"})

    assert declined.json()["decline_reason"] == "Audit week"


def test_a_request_is_withdrawn_and_another_one_given_back(team):
    pending, granted = asked(team, 1, 1), asked(team, 8, 10)
    approve_leave(granted, access=team.access(team.grace))
    client = api(team.ada)
    requests = "/api/v1/leave/requests"

    withdrawn = client.post(f"{requests}/{pending.pk}/withdraw/")
    with time_machine.travel(dt.datetime(2026, 6, 8, 8, tzinfo=dt.UTC)):
        cancelled = client.post(f"{requests}/{granted.pk}/cancel/", {})

    assert withdrawn.json()["status"] == "withdrawn"
    assert cancelled.json()["cancelled_from"] == "2026-06-09"
    assert cancelled.json()["charge"] == "1.000"


def test_a_balance_is_shown_as_of_a_day(team):
    asked(team)
    client = api(team.ada)

    def balance(day: str) -> str:
        listed = client.get(f"/api/v1/leave/balances/?as_of={day}").json()["results"]
        return listed[0]["balance"]

    assert balance("2026-05-31") == "10.000"
    assert balance("2026-06-01") == "7.000"
    one = client.get(f"/api/v1/leave/balances/{team.account.pk}/?as_of=2026-06-01")
    assert one.json()["balance"] == "7.000"
    assert one.json()["balances"]["2026"]["pending"] == "3.000"
    assert client.get("/api/v1/leave/balances/?as_of=never").status_code == 400


def test_balances_and_lines_are_for_whom_they_concern(team, member_client):
    colleague = member_client("employee", team.organization)
    stranger = make_team()

    for address in ("/api/v1/leave/balances/", "/api/v1/leave/ledger/"):
        assert len(api(team.ada).get(address).json()["results"]) == 1
        assert len(api(team.grace).get(address).json()["results"]) == 1
        assert len(api(stranger.ada).get(address).json()["results"]) == 1
        assert colleague.get(address).json()["results"] == []


def test_the_ledger_is_only_read(team):
    client = api(team.hedy)
    line = client.get("/api/v1/leave/ledger/").json()["results"][0]

    assert (line["kind"], line["amount"]) == ("grant", "10.000")
    address = f"/api/v1/leave/ledger/{line['id']}/"
    assert client.delete(address).status_code in {403, 405}
    assert client.patch(address, {"amount": "99"}).status_code in {403, 405}


def test_types_are_hrs_to_change(team):
    body = {"name": "Parental leave", "counts_calendar_days": True}

    assert api(team.ada).post("/api/v1/leave/types/", body).status_code == 403
    created = api(team.hedy).post("/api/v1/leave/types/", body)
    assert created.status_code == 201
    again = api(team.hedy).post("/api/v1/leave/types/", body)
    assert again.status_code == 400
    listed = api(team.ada).get("/api/v1/leave/types/").json()["results"]
    assert [row["name"] for row in listed] == ["Annual leave", "Parental leave"]


def test_public_holidays_are_imported_after_a_look(team):
    calendar = HolidayCalendarFactory(organization=team.organization, country="DE")
    address = f"/api/v1/leave/calendars/{calendar.pk}/import/"
    client = api(team.hedy)

    look = client.post(address, {"year": 2026, "dry_run": True}).json()
    assert not calendar.holidays.exists()
    done = client.post(address, {"year": 2026}).json()

    assert look == done
    assert done["added"][0] == {
        "on": "2026-01-01",
        "name": "New Year's Day",
        "portion": "full",
    }
    days = client.get(f"/api/v1/leave/calendars/{calendar.pk}/holidays/?year=2026")
    assert len(days.json()) == 9
    assert api(team.ada).post(address, {"year": 2027}).status_code == 403


def test_a_day_of_ones_own_is_added(team):
    calendar = HolidayCalendarFactory(organization=team.organization)
    save_holiday(calendar, june(1), name="Elsewhere")

    response = api(team.hedy).post(
        f"/api/v1/leave/calendars/{calendar.pk}/holidays/",
        {"on": "2026-12-24", "name": "Christmas Eve", "portion": "afternoon"},
    )

    assert response.status_code == 201
    assert response.json()["source"] == "own"
    assert calendar.holidays.count() == 2


def test_the_days_of_a_request_are_shown(team):
    leave_request = asked(team)

    days = api(team.ada).get(f"/api/v1/leave/requests/{leave_request.pk}/days/").json()

    assert [(day["on"], day["charge"]) for day in days] == [
        ("2026-06-01", "1.000"),
        ("2026-06-02", "1.000"),
        ("2026-06-03", "1.000"),
    ]


@pytest.mark.parametrize(
    "name", ["types", "requests", "balances", "ledger", "calendars"]
)
def test_strangers_get_401(client, name):
    assert client.get(f"/api/v1/leave/{name}/").status_code == 401


def test_another_organizations_request_is_not_there(team):
    leave_request = asked(make_team())
    LeaveTypeFactory(organization=team.organization)

    address = f"/api/v1/leave/requests/{leave_request.pk}/"
    assert api(team.hedy).get(address).status_code == 404
    assert api(team.hedy).post(f"{address}approve/").status_code == 404


def test_grants_and_adjustments_are_posted_together_and_count_once(team):
    hr = api(team.hedy)
    its = {"employee": str(team.ada.pk), "leave_type": str(team.annual.pk)}
    spare = str(LeaveTypeFactory(organization=team.annual.organization).pk)
    adjustment = {"kind": "adjustment", "year": 2026, "reason": "Owed", "key": "k1"}
    items = [
        its | {"kind": "grant", "year": 2027, "amount": "28"},
        its | adjustment | {"amount": "-1.5"},
        its | {"kind": "adjustment", "year": 2026, "amount": "1"},
        its | {"leave_type": spare, "kind": "grant", "year": 2026, "amount": "5"},
    ]

    first, second = (
        hr.post("/api/v1/leave/balances/bulk/", {"items": items}).json()["results"]
        for _time in range(2)
    )

    assert [each["result"] for each in first] == [
        "updated",
        "updated",
        "refused",
        "created",
    ]
    assert [each["result"] for each in second] == [
        "unchanged",
        "unchanged",
        "refused",
        "unchanged",
    ]
    [error] = first[2]["problem"]["errors"]
    assert (error["pointer"], error["code"]) == ("/items/2/reason", "required")
    assert api(team.ada).post("/api/v1/leave/balances/bulk/", {}).status_code == 403


# --- Work weeks -----------------------------------------------------------------------

WEEKS = "/api/v1/leave/work-weeks/"


def test_hr_keeps_work_weeks_one_by_one_and_many_at_once(team):
    halves = {"employee": str(team.ada.pk), "effective_on": "2026-07-01", "friday": "4"}

    made = api(team.hedy).post(WEEKS, halves)
    again = api(team.hedy).post(f"{WEEKS}bulk/", {"items": [halves]})

    assert (made.status_code, made.json()["friday"]) == (201, "4.00")
    [refused] = again.json()["results"]
    assert refused["problem"]["errors"][0]["message"] == (
        "Another work week begins on that day."
    )
    weeks = WorkWeek.objects.for_organization(team.organization)
    assert [str(week.pk) for week in weeks] == [made.json()["id"]]


def test_each_sees_the_weeks_that_count_for_whom_they_see(team):
    its = {"organization": team.organization}
    everybodys = WorkWeekFactory(**its)
    own = WorkWeekFactory(**its, employee=team.ada)
    others = WorkWeekFactory(**its, employee=team.hedy)

    def seen_by(employee) -> set[str]:
        return {row["id"] for row in api(employee).get(WEEKS).json()["results"]}

    shown, theirs = {str(everybodys.pk), str(own.pk)}, str(others.pk)
    assert seen_by(team.ada) == shown
    assert seen_by(team.hedy) == shown | {theirs}
    assert api(team.ada).post(WEEKS, {"effective_on": "2026-07-01"}).status_code == 403
