"""The admin's first page: what needs somebody, and figures that lead to lists."""

import datetime as dt

import pytest
import time_machine

from employees.models import Employee
from integrations.webhooks.models import Delivery, Event
from organizations.roles import Role
from people_hr import dashboard
from tests.factories import DepartmentFactory, EmployeeFactory, EndpointFactory

TODAY = "/admin/"
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _on_a_day_in_november():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def client(member_client):
    return member_client(Role.OWNER)


@pytest.fixture
def mine(client):
    """What belongs to the organization of the client: keywords for factories."""
    return {"organization": client.membership.organization}


def needs(client):
    return {
        str(figure.words): (figure.count, figure.link)
        for figure in client.get(TODAY).context["needs"]
    }


def test_people_whose_record_lacks_something_are_counted_and_linked(client, mine):
    boss = EmployeeFactory(**mine)
    EmployeeFactory(**mine, manager=boss, terminated_on=dt.date(2026, 12, 31))
    EmployeeFactory(**mine)
    EmployeeFactory()  # another organization's

    found = needs(client)

    assert {words: count for words, (count, _link) in found.items()} == {
        "without a manager": 1,
        "without a department": 3,
        "without a login": 3,
        "leaving soon": 1,
    }
    for count, link in found.values():
        assert client.get(link).context["cl"].result_count == count


def test_failed_deliveries_come_first(client, mine):
    EndpointFactory(**mine)
    EmployeeFactory(**mine)
    Delivery.objects.update(status="failed", due_at=None)

    words, (count, link) = next(iter(needs(client).items()))

    assert (words, count) == ("deliveries failed for good in 7 days", 1)
    assert client.get(link).context["cl"].result_count == 1


def test_when_nothing_is_open_it_says_so(client):
    response = client.get(TODAY)

    assert response.context["needs"] == []
    assert "Nothing is open" in response.content.decode()


def test_figures_count_own_people_month_by_month(client, mine):
    EmployeeFactory(**mine, hired_on=dt.date(2020, 1, 1))
    EmployeeFactory(**mine, hired_on=dt.date(2026, 11, 2))
    EmployeeFactory(**mine, hired_on=dt.date(2026, 12, 1))  # joins later
    EmployeeFactory(
        **mine,
        hired_on=dt.date(2020, 1, 1),
        status=Employee.Status.TERMINATED,
        terminated_on=dt.date(2026, 9, 15),
    )
    EmployeeFactory(hired_on=dt.date(2026, 11, 2))  # another organization's

    months = client.get(TODAY).context["months"]

    assert [month.name for month in (months[0], months[-1])] == ["Dec 2025", "Nov 2026"]
    assert [month.headcount for month in months[-4:]] == [2, 1, 1, 2]
    assert [month.joined.count for month in months[-4:]] == [0, 0, 0, 1]
    assert [month.left.count for month in months[-4:]] == [0, 1, 0, 0]
    for figure in (months[-1].joined, months[-3].left):
        assert client.get(figure.link).context["cl"].result_count == figure.count


def delivered(endpoint, ago):
    """Store an event and its delivery as if they were older: ids hold the time."""
    long_ago = dashboard._first_id_since(ago)
    event = Event.objects.create(
        id=long_ago,
        organization=endpoint.organization,
        type="department.created",
        occurred_at=NOON - ago,
        sequence=1,
        subject_type="department",
        subject_id=long_ago,
        actor_type="system",
        body="{}",
    )
    Delivery.objects.create(
        id=long_ago,
        organization=endpoint.organization,
        event=event,
        endpoint=endpoint,
        subject_id=long_ago,
        sequence=1,
        status="delivered",
    )


def test_deliveries_are_told_by_outcome_for_a_day_and_a_week(client, mine):
    endpoint = EndpointFactory(**mine)
    for days in (3, 6, 8):
        delivered(endpoint, dt.timedelta(days=days))
    DepartmentFactory(**mine)
    theirs = EndpointFactory()
    DepartmentFactory(organization=theirs.organization)

    outcomes = client.get(TODAY).context["outcomes"]

    assert {outcome.status: (outcome.day, outcome.week) for outcome in outcomes} == {
        "pending": (1, 1),
        "retrying": (0, 0),
        "delivered": (0, 2),
        "failed": (0, 0),
    }


def test_what_happened_last_names_own_records_alone(client, mine):
    DepartmentFactory(**mine, name="Research")
    DepartmentFactory(name="Espionage")

    page = client.get(TODAY).content.decode()

    assert "Research" in page
    assert "Espionage" not in page


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        (Role.HR, {"months"}),
        (Role.HR_ADMIN, {"months", "outcomes", "happenings"}),
        (Role.AUDITOR, {"months", "outcomes", "happenings"}),
    ],
)
def test_each_part_is_for_whoever_holds_its_scope(member_client, role, shown):
    context = member_client(role).get(TODAY).context

    assert {
        name for name in ("months", "outcomes", "happenings") if name in context
    } == (shown)


@pytest.mark.parametrize("count", [1, 3])
def test_the_first_page_costs_the_same_for_many(
    client, mine, count, django_assert_num_queries, rf
):
    EndpointFactory(**mine)
    EmployeeFactory.create_batch(count, **mine, managed=True, placed=True)
    request = client.get(TODAY).wsgi_request

    with django_assert_num_queries(8):
        dashboard.dashboard(request, {})
