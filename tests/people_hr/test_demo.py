import datetime as dt
import stat
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import Count, Min

from attendance.models import AttendanceDay, Correction, StaleDays
from attendance.overview import team_of, team_today
from attendance.services import recompute_days
from employees.importing.planning import make_plan
from employees.importing.reading import read_table
from employees.models import Department, Employee
from integrations.api_keys.models import ApiKey, KeyUse
from integrations.audit.usage import Bucket, summary_of
from integrations.oauth.models import Application, Consent
from integrations.webhooks.models import Delivery, Endpoint, Event
from leave.models import HolidayCalendar, LeaveDay, LeaveLedgerEntry, LeaveRequest
from organizations.encryption import decrypt
from organizations.events import EventType
from organizations.models import Membership, Organization
from people_hr.demo.company import people, years_before
from people_hr.demo.loading import load_demo

pytestmark = [pytest.mark.django_db, pytest.mark.long]

# A Sunday, when few work, and a day that most years do not have.
MOMENTS = (
    dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC),
    dt.datetime(2028, 2, 29, 12, tzinfo=dt.UTC),
)


@pytest.fixture(scope="module", params=MOMENTS)
def demo_at(
    request: Any, django_db_setup: None, django_db_blocker: Any
) -> Iterator[dt.datetime]:
    """Load the demo for several tests that look at it; return when that was."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(request.param, tick=False):
            load_demo()
        connection.check_constraints()  # once, not again after each test
        yield request.param
        transaction.set_rollback(True)


@pytest.mark.usefixtures("demo_at")
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


@pytest.mark.usefixtures("demo_at")
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
    assert set(days.values_list("portion", flat=True)) == {
        "full",
        "morning",
        "afternoon",
    }
    assert days.filter(request__leave_type__name="Sickness").count() > 50
    assert LeaveLedgerEntry.objects.filter(reason__startswith="Carried over").exists()
    assert {
        calendar.holidays.exists() for calendar in HolidayCalendar.objects.all()
    } == {True}
    waiting = asked.filter(status="pending").dates("created_at", "day")
    assert len(waiting) > 4
    tour = asked.get(employee__user__email="employee@demo.example", status="pending")
    assert tour.employee.manager.user.email == "manager@demo.example"


def test_the_demo_has_a_year_at_work_up_to_now(demo_at):
    days = AttendanceDay.objects.filter(organization__slug="demo")
    first_days = dict(days.values_list("employee").annotate(Min("on")).order_by())
    first_on = min(first_days.values())
    with time_machine.travel(demo_at, tick=False):
        manager = Employee.objects.get(user__email="manager@demo.example")
        team = team_today(team_of(manager), demo_at)
        # What was written all at once is what the rules say.
        assert recompute_days(first_days, first_on, demo_at.date()) == 0

    assert len(first_days) > 60
    assert first_on < demo_at.date() - dt.timedelta(days=360)
    assert {status for (status,) in days.values_list("status")} >= {
        "present",
        "partial",
        "leave",
        "holiday",
        "missing_punch",
        "absent",
    }
    assert days.filter(late_minutes__gt=10).count() > 300
    # Nobody works on a day off that was granted, or on a holiday.
    for warning in ("on_leave", "on_holiday", "not_employed"):
        assert not days.filter(warnings__contains=[warning]).exists()
    assert {"in", "break"} & {each.presence.value for each in team}
    assert sorted(Correction.objects.values_list("status", flat=True)) == [
        "approved",
        "declined",
        "pending",
    ]
    assert not StaleDays.objects.exists()


@pytest.mark.usefixtures("demo_at")
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


@pytest.mark.usefixtures("demo_at")
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


@pytest.mark.usefixtures("demo_at")
def test_loading_again_changes_nothing():
    assert Organization.objects.filter(slug__startswith="demo").count() == 2
    events = Event.objects.count()

    assert load_demo() == []
    assert Event.objects.count() == events


@pytest.mark.usefixtures("demo_at")
def test_the_receiver_gets_the_secret_that_nobody_else_may_read(settings):
    file = settings.VAR / "demo" / "receiver-secret"
    endpoint = Endpoint.objects.get(organization__slug="demo")
    assert file.read_text() == decrypt(endpoint.encrypted_secret)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.usefixtures("demo_at")
def test_the_endpoint_follows_the_receiver_unless_somebody_pointed_it_elsewhere(
    settings,
):
    settings.WEBHOOK_RECEIVER_URL = "http://127.0.0.1:9007/"
    load_demo()
    assert Endpoint.objects.get().url == "http://127.0.0.1:9007/"

    Endpoint.objects.update(url="https://example.com/hook")
    load_demo()
    assert Endpoint.objects.get().url == "https://example.com/hook"


@pytest.mark.parametrize("today", ["2026-11-22", "2028-02-29", "2027-01-01"])
def test_on_every_day_somebody_has_just_joined_and_has_an_anniversary(today):
    day = dt.date.fromisoformat(today)
    staff = list(people(day))

    joined = [p for p in staff if 0 <= (day - p.hired_on).days <= 14]
    jubilees = [
        p
        for p in staff
        if p.hired_on.year < day.year - 1
        and 0 <= (p.hired_on - years_before(day, day.year - p.hired_on.year)).days <= 14
    ]
    assert len(joined) >= 2
    assert len(jubilees) >= 3
    assert all(p.left_on is None or p.left_on > p.hired_on for p in staff)


@pytest.mark.usefixtures("demo_at")
def test_the_sample_file_imports_into_the_demo(settings):
    sample = settings.BASE_DIR / "docs" / "samples" / "bamboohr-employees.csv"

    plan = make_plan(
        Organization.objects.get(slug="demo"), read_table(sample.read_bytes())
    )

    assert plan.counts() == {"new": 33, "changed": 4, "unchanged": 2, "refused": 0}
    assert {part.name for part in plan.departments} == {"Field Service", "Installation"}


@pytest.mark.usefixtures("demo_at")
def test_the_demo_has_programs_that_call_it():
    company = Organization.objects.get(slug="demo")
    keys = ApiKey.objects.for_organization(company)
    apps = Application.objects.for_organization(company)
    consents = Consent.objects.for_organization(company)
    assert [key.state for key in keys] == ["active"] * 4
    assert KeyUse.objects.for_organization(company).count() == 3
    assert set(apps.values_list("kind", flat=True)) == {"web", "service"}
    assert set(consents.values_list("membership__user__email", flat=True)) == {
        "owner@demo.example",
        "employee@demo.example",
    }


def test_a_month_of_calls_is_shown_by_day_and_by_program(demo_at):
    company = Organization.objects.get(slug="demo")
    today = Bucket.DAY.floor(demo_at)

    used = summary_of(
        company,
        since=today - dt.timedelta(days=30),
        until=today,
        bucket=Bucket.DAY,
    )

    programs = dict(used.credentials)
    keys = ApiKey.objects.for_organization(company).exclude(name__startswith="Trial")
    assert [usage.calls > 0 for _start, usage in used.series] == [True] * 30
    assert programs.keys() > {f"api_key:{key.key_id}" for key in keys}
    assert len(programs) == 4
    assert used.total.calls == sum(usage.calls for usage in programs.values()) > 5000
    assert all(usage.p95_ms for usage in programs.values())
