"""HR's admin: punches are recorded and voided, corrections decided, schedules kept."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from attendance.models import AttendanceDay, Correction, Punch, WorkSchedule
from attendance.models.schedules import WEEKDAYS
from attendance.services import Asked, AskedPunch, request_correction
from employees.models import Employee
from organizations.roles import Role
from tests.attendance.conftest import MONDAY, at, day_of, press, result_of
from tests.factories import EmployeeFactory, MembershipFactory, UserFactory
from tests.factories.attendance import (
    CorrectionFactory,
    ScheduleAssignmentFactory,
    WorkScheduleFactory,
)

pytestmark = pytest.mark.django_db

MODELS = ["punch", "attendanceday", "correction", "workschedule", "scheduleassignment"]


def list_of(model: str) -> str:
    return reverse(f"admin:attendance_{model}_changelist")


@pytest.fixture
def hr(client, employee) -> Client:
    """The browser of HR."""
    member = MembershipFactory(organization=employee.organization, role=Role.HR)
    client.force_login(member.user)
    browser: Client = client
    return browser


@pytest.fixture
def correction(employee) -> Correction:
    press(employee, "in", "09:00")
    add = [AskedPunch(at("17:30"), Punch.Direction.OUT)]
    return request_correction(Asked(employee, MONDAY, add), reason="Forgot")


def act(browser: Client, model: str, action: str, *rows: Any, **more: Any) -> Any:
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    return browser.post(list_of(model), data | more, follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("model", MODELS)
def test_every_list_and_record_opens(hr, employee, correction, model):
    ScheduleAssignmentFactory(employee=employee)
    row = next(
        each
        for each in (
            Punch.objects.first(),
            AttendanceDay.objects.first(),
            correction,
            WorkSchedule.objects.first(),
            employee.schedule_assignments.first(),
        )
        if each._meta.model_name == model
    )

    assert hr.get(list_of(model)).status_code == 200
    address = reverse(f"admin:attendance_{model}_change", args=[row.pk])
    assert hr.get(address).status_code == 200


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.MANAGER])
def test_the_admin_is_not_for_everybody(member_client, employee, model, role):
    browser = member_client(role, employee.organization)

    assert browser.get(list_of(model)).status_code in (302, 403)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("model", MODELS)
def test_a_list_costs_the_same(
    hr, employee, model, count, django_assert_max_num_queries
):
    for _number in range(count):
        person = EmployeeFactory(
            organization=employee.organization, location=employee.location
        )
        press(person, "in", "09:00")
        ScheduleAssignmentFactory(
            employee=person, schedule__organization=employee.organization
        )
        CorrectionFactory(
            organization=person.organization, employee=person, on=MONDAY, reason="?"
        )

    with django_assert_max_num_queries(14):
        hr.get(list_of(model))


def test_hr_records_a_punch_in_the_time_of_where_the_person_works(hr, employee):
    response = hr.post(
        reverse("admin:attendance_punch_add"),
        {
            "employee": str(employee.pk),
            "direction": "in",
            "on": "2026-11-02",
            "time": "09:00",
        },
    )

    assert response.status_code == 302
    punch = Punch.objects.get()
    assert (punch.punched_at, punch.source) == (at("09:00"), "web")


def test_a_punch_that_lies_ahead_is_refused_with_a_sentence(hr, employee):
    response = hr.post(
        reverse("admin:attendance_punch_add"),
        {
            "employee": str(employee.pk),
            "direction": "in",
            "on": "2026-11-03",
            "time": "09:00",
        },
        follow=True,
    )

    assert said(response) == ["This moment lies ahead."]
    assert not Punch.objects.exists()


def test_a_punch_of_another_organizations_employee_is_no_choice(hr):
    stranger = EmployeeFactory()

    hr.post(
        reverse("admin:attendance_punch_add"),
        {
            "employee": str(stranger.pk),
            "direction": "in",
            "on": "2026-11-02",
            "time": "09:00",
        },
    )

    assert not Punch.objects.exists()


def test_punches_are_voided_with_a_reason(hr, employee):
    punch = press(employee, "in", "09:00")

    asked = act(hr, "punch", "void", punch)
    assert asked.status_code == 200
    assert not Punch.objects.get().is_voided
    act(hr, "punch", "void", punch, answered="yes", reason="Not them")

    assert Punch.objects.get().void_reason == "Not them"


def test_a_punch_is_neither_changed_nor_deleted(hr, employee):
    punch = press(employee, "in", "09:00")
    address = reverse("admin:attendance_punch_change", args=[punch.pk])

    assert hr.post(address, {"direction": "out"}).status_code == 403
    delete = reverse("admin:attendance_punch_delete", args=[punch.pk])
    assert hr.post(delete, {"post": "yes"}).status_code == 403
    assert Punch.objects.get().direction == "in"


def test_hr_approves_selected_corrections(hr, employee, correction):
    response = act(hr, "correction", "approve", correction)

    assert result_of(employee) == ("present", 510)
    assert said(response) == [f"{correction}: Approved"]


def test_hr_declines_with_a_reason_and_is_told_of_what_was_decided(hr, correction):
    act(hr, "correction", "decline", correction, answered="yes", reason="No")
    again = act(hr, "correction", "approve", correction)

    correction.refresh_from_db()
    assert (correction.status, correction.decline_reason) == ("declined", "No")
    [message] = said(again)
    assert "This correction was declined by" in message


def test_nobody_in_hr_approves_their_own(client):
    hr = EmployeeFactory(user=UserFactory())
    MembershipFactory(organization=hr.organization, user=hr.user, role=Role.HR)
    client.force_login(hr.user)
    own = CorrectionFactory(
        organization=hr.organization, employee=hr, on=MONDAY, reason="?"
    )

    act(client, "correction", "approve", own)

    assert Correction.objects.get().is_pending


def test_days_are_computed_anew(hr, employee):
    press(employee, "in", "09:00")
    press(employee, "out", "17:00")
    day = day_of(employee)
    assert day is not None
    # As if the rules had been others.
    AttendanceDay.objects.filter(pk=day.pk).update(status="off")

    response = act(hr, "attendanceday", "compute_anew", day)

    assert said(response) == ["1 day changed."]
    assert result_of(employee) == ("present", 480)


# --- Schedules ------------------------------------------------------------------------


def hours(**days: tuple[str, str, str]) -> dict[str, str]:
    parts = ("starts", "ends", "break")
    return {
        f"{day}_{part}": value
        for day in WEEKDAYS
        for part, value in zip(parts, days.get(day, ("", "", "")), strict=True)
    }


def test_a_schedule_is_written_day_by_day(hr):
    response = hr.post(
        reverse("admin:attendance_workschedule_add"),
        {"name": "Nights", **hours(monday=("22:00", "06:00", "45"))},
    )

    assert response.status_code == 302
    assert WorkSchedule.objects.get(name="Nights").pattern == {
        "monday": {"starts": "22:00", "ends": "06:00", "break_minutes": 45}
    }


def test_a_schedule_shows_the_hours_it_has_and_keeps_them(hr, employee):
    schedule = WorkScheduleFactory(organization=employee.organization)
    address = reverse("admin:attendance_workschedule_change", args=[schedule.pk])

    form = hr.get(address).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    assert (shown["monday_starts"], shown["monday_break"]) == ("09:00", 30)
    sent = {name: value for name, value in shown.items() if value not in (None, False)}
    hr.post(address, sent)

    kept = WorkSchedule.objects.get(pk=schedule.pk)
    assert (kept.pattern, kept.version) == (schedule.pattern, 1)


def test_half_of_the_hours_is_refused_on_its_field(hr):
    response = hr.post(
        reverse("admin:attendance_workschedule_add"),
        {"name": "Nights", **hours(monday=("22:00", "", ""))},
    )

    form = response.context["adminform"].form
    assert form.errors == {"monday_ends": ["Say both, or none."]}


def test_an_assignment_stays_inside_the_organization(hr, employee):
    stranger: Employee = EmployeeFactory()
    schedule = WorkScheduleFactory(organization=employee.organization)

    hr.post(
        reverse("admin:attendance_scheduleassignment_add"),
        {
            "employee": str(stranger.pk),
            "schedule": str(schedule.pk),
            "effective_on": dt.date(2026, 11, 1).isoformat(),
        },
    )

    assert not stranger.schedule_assignments.exists()
