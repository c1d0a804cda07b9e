"""The demo's company, loaded once and looked at from all sides."""

import stat
from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction
from django.db.models import Count

from employees.importing.planning import make_plan
from employees.importing.reading import read_table
from employees.models import Department, Employee
from integrations.webhooks.models import Delivery, Endpoint, Event
from leave.models import HolidayCalendar, LeaveDay, LeaveLedgerEntry, LeaveRequest
from organizations.encryption import decrypt
from organizations.events import EventType
from organizations.models import Membership, Organization
from people_hr.demo.loading import load_demo


@pytest.fixture(scope="module")
def _loaded(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Load the demo for all tests of this file; each takes back what it changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
            assert len(load_demo()) == 2
        yield
        transaction.set_rollback(True)


pytestmark = [pytest.mark.usefixtures("_loaded"), pytest.mark.django_db]


def test_the_demo_is_a_company_that_looks_alive():
    company = Organization.objects.get(slug="demo")
    staff = Employee.objects.for_organization(company)
    active = staff.active()
    assert company.name == "Lindenhof GmbH"
    assert active.count() == 63
    assert staff.exclude(pk__in=active).count() == 5
    assert set(active.values_list("location__country", flat=True)) == {
        "DE",
        "PT",
        "US",
        "IN",
    }
    assert active.filter(manager=None).count() == 2
    assert active.filter(terminated_on__isnull=False).count() == 1
    levels = Department.objects.for_organization(company)
    assert levels.filter(parent__parent__isnull=False, parent__parent__parent=None)


def test_the_demo_has_a_year_of_leave_in_all_departments():
    asked = LeaveRequest.objects.all()
    states = dict(asked.values_list("status").annotate(Count("pk")).order_by())
    assert states.keys() == set(LeaveRequest.Status.values)
    assert states["approved"] > 300
    days = LeaveDay.objects.granted().filter(charge__gt=0)
    months = set(days.values_list("on__year", "on__month"))
    assert len(months) >= 12
    peopled = Department.objects.filter(employees__leave_requests__isnull=False)
    assert set(peopled) == set(Department.objects.filter(employees__status="active"))
    assert days.filter(portion="morning").exists()
    assert days.filter(request__leave_type__name="Sickness").count() > 50
    assert LeaveLedgerEntry.objects.filter(reason__startswith="Carried over").exists()
    assert {
        calendar.holidays.exists() for calendar in HolidayCalendar.objects.all()
    } == {True}
    tour = asked.get(employee__user__email="employee@demo.example", status="pending")
    assert tour.employee.manager.user.email == "manager@demo.example"


def test_everything_that_was_loaded_is_told_to_the_demo_receiver():
    company = Organization.objects.get(slug="demo")
    told = Event.objects.for_organization(company)
    created = told.filter(type="employee.created").values_list("subject_id", flat=True)
    staff = Employee.objects.for_organization(company).values_list("pk", flat=True)
    assert sorted(created) == sorted(staff)
    # The first membership was there before the endpoint was; what is opt-in reaches
    # only those who name it.
    opt_in = [declared.name for declared in EventType.all() if declared.is_opt_in]
    asked_for = told.exclude(type__in=opt_in).order_by("pk")
    assert Delivery.objects.count() == asked_for.count() - 1
    assert asked_for.count() < told.count()


def test_the_accounts_log_in_and_are_people(client):
    members, linked = Membership.objects.all(), Employee.objects.exclude(user=None)
    assert sorted(members.values_list("user__email", "organization__slug", "role")) == [
        ("employee@demo.example", "demo", "employee"),
        ("hr@demo.example", "demo", "hr_admin"),
        ("manager@demo.example", "demo", "manager"),
        ("owner@demo.example", "demo", "owner"),
        ("owner@demo.example", "demo-two", "owner"),
    ]
    assert sorted(linked.values_list("user__email", "organization__slug")) == sorted(
        members.values_list("user__email", "organization__slug")
    )
    for email in ("owner", "hr", "manager", "employee"):
        assert client.login(email=f"{email}@demo.example", password="demo")
    employee = linked.get(user__email="employee@demo.example")
    assert employee.manager.user.email == "manager@demo.example"


def test_loading_again_changes_nothing():
    events = Event.objects.count()

    assert load_demo() == []
    assert Event.objects.count() == events


def test_the_receiver_gets_the_secret_that_nobody_else_may_read(settings):
    file = settings.VAR / "demo" / "receiver-secret"
    endpoint = Endpoint.objects.get(organization__slug="demo")
    assert file.read_text() == decrypt(endpoint.encrypted_secret)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_endpoint_follows_the_receiver_unless_somebody_pointed_it_elsewhere(
    settings,
):
    settings.WEBHOOK_RECEIVER_URL = "http://127.0.0.1:9007/"
    load_demo()
    assert Endpoint.objects.get().url == "http://127.0.0.1:9007/"

    Endpoint.objects.update(url="https://example.com/hook")
    load_demo()
    assert Endpoint.objects.get().url == "https://example.com/hook"


def test_the_sample_file_imports_into_the_demo(settings):
    sample = settings.BASE_DIR / "docs" / "samples" / "bamboohr-employees.csv"

    plan = make_plan(
        Organization.objects.get(slug="demo"), read_table(sample.read_bytes())
    )

    assert plan.counts() == {"new": 33, "changed": 4, "unchanged": 2, "refused": 0}
    assert {part.name for part in plan.departments} == {"Field Service", "Installation"}
