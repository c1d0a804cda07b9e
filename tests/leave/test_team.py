"""Who is away, the inbox and the home page's figures."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from employees.home import Visitor
from employees.models import Employee
from leave import cards, inbox
from leave.calendar import Portion
from leave.inbox import Item, Source
from leave.services import (
    approve_leave,
    grant_leave,
    import_holidays,
    request_leave,
)
from leave.team import Span, Words, month_of, team_away, team_away_of_many
from organizations.access import acting
from tests.factories import EmployeeFactory, LocationFactory
from tests.factories.leave import HolidayCalendarFactory, LeaveTypeFactory
from tests.leave.conftest import june, make_team

pytestmark = pytest.mark.django_db
WORDS = Words(away="Away", asked="asked for", weekend="Weekend")


def away(team, employee, first: int, last: int, **options) -> None:
    grant_leave(employee, team.annual, year=2026, amount=Decimal(20))
    asked = request_leave(
        employee, team.annual, first_on=june(first), last_on=june(last), **options
    )
    approve_leave(asked, access=team.access(team.hedy))


@pytest.fixture
def peers(team) -> list[Employee]:
    """Three more who report to Grace."""
    return [
        EmployeeFactory(
            organization=team.organization, manager=team.grace, last_name=name
        )
        for name in ("Babbage", "Herschel", "Somerville")
    ]


def test_the_day_that_most_are_away_is_named(team, peers):
    away(team, peers[0], 1, 3)
    away(team, peers[1], 3, 5)

    found = team_away(team.ada, june(1), june(5))

    assert (found.size, found.most, found.most_on, found.present) == (3, 2, june(3), 1)
    assert [
        (str(absence.employee), absence.first_on, absence.last_on)
        for absence in found.absences
    ] == [
        ("Ada Babbage", june(1), june(3)),
        ("Ada Herschel", june(3), june(5)),
    ]


def test_two_halves_of_a_day_are_one_person_away(team, peers):
    away(team, peers[0], 1, 1, first_portion=Portion.MORNING)
    afternoon = request_leave(
        peers[0],
        team.annual,
        first_on=june(1),
        last_on=june(1),
        first_portion=Portion.AFTERNOON,
    )
    approve_leave(afternoon, access=team.access(team.hedy))

    found = team_away(team.ada, june(1), june(1))

    assert found.most == 1
    assert [absence.portion for absence in found.absences] == ["full"]


def test_half_a_day_is_told_as_half(team, peers):
    away(team, peers[0], 1, 1, first_portion=Portion.AFTERNOON)

    (absence,) = team_away(team.ada, june(1), june(5)).absences

    assert (absence.first_on, absence.portion) == (june(1), "afternoon")


def test_only_granted_leave_counts_and_only_of_the_team(team, peers):
    grant_leave(peers[0], team.annual, year=2026, amount=Decimal(20))
    request_leave(peers[0], team.annual, first_on=june(1), last_on=june(3))
    elsewhere = EmployeeFactory(organization=team.organization)
    away(team, elsewhere, 1, 3)
    EmployeeFactory(organization=team.organization, manager=team.grace, terminated=True)

    found = team_away(team.ada, june(1), june(5))

    assert (found.size, found.most, found.absences) == (3, 0, ())


def test_who_has_no_manager_has_no_team(team):
    assert team_away(team.grace, june(1), june(5)).size == 0


@pytest.mark.parametrize("count", [1, 3])
def test_many_spans_take_two_queries(team, peers, count, django_assert_num_queries):
    away(team, peers[0], 1, 3)
    spans = [Span(team.ada, june(day), june(day)) for day in (1, 2, 3)[:count]]

    with django_assert_num_queries(2):
        found = team_away_of_many(spans)

    assert [one.most for one in found] == [1] * count


def test_a_month_shows_each_day_of_each_person(team, peers):
    away(team, peers[0], 5, 8, first_portion=Portion.AFTERNOON)

    (line,) = month_of([peers[0]], june(4), june(9), team.access(team.ada), WORDS)

    assert [
        (cell.on.day, cell.kind, cell.words, cell.portion) for cell in line.cells
    ] == [
        (4, "free", "", "full"),
        (5, "away", "Away", "afternoon"),
        (6, "off", "", "full"),
        (7, "off", "", "full"),
        (8, "away", "Away", "full"),
        (9, "free", "", "full"),
    ]
    assert {cell.request_id for cell in line.cells} == {None}


def test_the_manager_sees_what_for(team, peers):
    away(team, peers[0], 8, 8)
    person = Employee.objects.with_work().get(pk=peers[0].pk)

    (line,) = month_of([person], june(8), june(8), team.access(team.grace), WORDS)

    assert line.cells[0].words == "Annual leave"
    assert line.cells[0].colour == "teal"


def test_the_inbox_takes_what_every_app_registers(team, monkeypatch):
    monkeypatch.setattr(inbox, "_sources", dict(inbox._sources))
    correction = Item(
        subject="a correction",
        employee=team.ada,
        asked_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        first_on=june(1),
        last_on=june(1),
    )
    inbox.register(Source("tests", "a.html", lambda _, __: [correction], lambda _: 1))
    asked = request_leave(team.ada, team.annual, first_on=june(1), last_on=june(1))
    access = team.access(team.grace)

    found = inbox.page(access).entries

    assert [entry.item.subject for entry in found] == ["a correction", asked]
    assert [entry.template for entry in found] == ["a.html", "leave/inbox_request.html"]
    assert inbox.count(access) == 2


@time_machine.travel(dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC), tick=False)
def test_home_shows_balances_requests_and_who_is_away(team, peers):
    away(team, peers[0], 3, 4)
    away(team, peers[1], 15, 16)  # after the week
    asked = request_leave(team.ada, team.annual, first_on=june(22), last_on=june(22))
    LeaveTypeFactory(organization=team.organization, is_limited=False)
    access = team.access(team.ada)

    visitor = Visitor(access, team.ada, timezone.now())
    with acting(access):
        own, away_now = cards.own(visitor), cards.away(visitor)
        assert cards.waiting(visitor) is None

    assert own is not None
    assert away_now is not None
    assert [balance.figures.available for balance in own["balances"]] == [9]
    assert own["requests"] == [asked]
    assert [str(absence.employee) for absence in away_now] == ["Ada Babbage"]


def test_home_of_a_manager_counts_what_waits(team):
    request_leave(team.ada, team.annual, first_on=june(22), last_on=june(22))
    stranger = make_team()
    request_leave(stranger.ada, stranger.annual, first_on=june(1), last_on=june(1))

    def waiting(employee) -> int | None:
        access = team.access(employee)
        with acting(access):
            return cards.waiting(Visitor(access, employee, timezone.now()))

    assert [waiting(who) for who in (team.ada, team.grace, team.hedy)] == [None, 1, 1]


def test_home_of_a_member_who_is_no_employee(team):
    visitor = Visitor(team.access(team.hedy), None, timezone.now())

    with acting(visitor.access):
        assert (cards.own(visitor), cards.away(visitor)) == (None, None)


@time_machine.travel(dt.datetime(2026, 10, 1, 9, tzinfo=dt.UTC), tick=False)
def test_open_work_of_hr_counts_calendars_without_the_holidays_of_next_year(team):
    ready = HolidayCalendarFactory(organization=team.organization)
    location = LocationFactory(organization=team.organization)
    HolidayCalendarFactory(organization=team.organization, location=location)
    HolidayCalendarFactory()  # another organization's
    import_holidays(ready, 2027)
    accesses = [team.access(who) for who in (team.hedy, team.grace)]

    counts = []
    for access in accesses:
        with acting(access):
            counts.append([figure.count for figure in cards.of_leave(access)])

    assert counts == [[1], []]
