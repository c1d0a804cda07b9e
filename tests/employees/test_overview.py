"""The home page's figures."""

import datetime as dt

import pytest

from employees import overview
from employees.models import Employee
from employees.overview import Headcount
from organizations.access import OrganizationAccess, acting
from tests.factories import DepartmentFactory, EmployeeFactory, OrganizationFactory

TODAY = dt.date(2026, 11, 22)


@pytest.fixture(autouse=True)
def organization(db):
    """Act for one organization, beside which there is another."""
    organization = OrganizationFactory()
    EmployeeFactory(hired_on=dt.date(2020, 11, 23), placed=True)
    with acting(OrganizationAccess(organization)):
        yield organization


@pytest.mark.parametrize(
    ("hour", "greeting"),
    [
        (0, "Good morning"),
        (11, "Good morning"),
        (12, "Good afternoon"),
        (17, "Good afternoon"),
        (18, "Good evening"),
        (23, "Good evening"),
    ],
)
def test_greeting_follows_the_hour(hour, greeting):
    assert overview.part_of_day(hour) == greeting


@pytest.mark.parametrize(
    ("hired_on", "today", "on", "years"),
    [
        (dt.date(2020, 11, 22), TODAY, dt.date(2026, 11, 22), 6),
        (dt.date(2020, 11, 21), TODAY, dt.date(2027, 11, 21), 7),
        (dt.date(2020, 12, 31), TODAY, dt.date(2026, 12, 31), 6),
        (dt.date(2020, 2, 29), TODAY, dt.date(2027, 2, 28), 7),
        (dt.date(2020, 2, 29), dt.date(2028, 1, 1), dt.date(2028, 2, 29), 8),
    ],
)
def test_next_anniversary_is_the_day_years_become_whole(hired_on, today, on, years):
    anniversary = overview.next_anniversary(Employee(hired_on=hired_on), today)

    assert (anniversary.on, anniversary.years) == (on, years)


def test_anniversaries_come_in_the_order_of_their_days(organization):
    for day in (dt.date(2021, 12, 22), dt.date(2019, 11, 22), dt.date(2020, 11, 30)):
        EmployeeFactory(organization=organization, hired_on=day)
    EmployeeFactory(organization=organization, hired_on=dt.date(2020, 12, 23))
    EmployeeFactory(organization=organization, hired_on=dt.date(2026, 11, 25))

    group = overview.anniversaries(TODAY)

    assert group.count == 3
    assert [(coming.on.day, coming.years) for coming in group.first] == [
        (22, 7),
        (30, 6),
        (22, 5),
    ]


@pytest.mark.parametrize(
    ("today", "is_near"),
    [(dt.date(2026, 2, 1), True), (dt.date(2026, 3, 1), False)],
)
def test_hired_on_29_february_counts_on_the_28th(organization, today, is_near):
    EmployeeFactory(organization=organization, hired_on=dt.date(2024, 2, 29))

    assert overview.anniversaries(today).count == is_near


def test_headcount_counts_the_first_and_the_last_day(organization):
    EmployeeFactory(organization=organization, hired_on=TODAY)
    EmployeeFactory(
        organization=organization,
        terminated=True,
        hired_on=dt.date(2025, 1, 1),
        terminated_on=dt.date(2026, 5, 22),
    )

    headcount = overview.headcount(TODAY)

    assert headcount.days[0] == dt.date(2025, 11, 22)
    assert headcount.days[-1] == TODAY
    assert headcount.counts == [1] * 7 + [0] * 5 + [1]
    assert (headcount.now, headcount.change) == (1, 0)


@pytest.mark.parametrize(
    ("today", "before"),
    [(dt.date(2026, 1, 31), dt.date(2025, 1, 28)), (TODAY, dt.date(2025, 11, 22))],
)
def test_months_before_count_from_a_day_that_every_month_has(today, before):
    assert overview.headcount(today).days[0] == before


def test_line_spans_the_box_and_holds_the_most_at_its_top():
    headcount = Headcount([TODAY] * 3, [0, 10, 5], joining=0)

    assert headcount.points == "0.0,38.0 60.0,4.0 120.0,21.0"


def test_largest_departments_count_active_people_alone(organization):
    small, large = (
        DepartmentFactory(organization=organization, name=name) for name in "ab"
    )
    DepartmentFactory(organization=organization, name="empty")
    EmployeeFactory(organization=organization, department=small)
    EmployeeFactory(organization=organization, department=small, terminated=True)
    EmployeeFactory.create_batch(2, organization=organization, department=large)

    found = overview.largest_departments()

    assert [(each.name, each.headcount) for each in found] == [("b", 2), ("a", 1)]
