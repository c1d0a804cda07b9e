"""The API: punches single and in batches, days, corrections, schedules."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from attendance.models import AttendanceDay, Correction, Punch, WorkSchedule
from attendance.services import void_punch
from employees.models import Employee
from organizations.roles import Role
from tests.api import ApiClient
from tests.attendance.conftest import MONDAY, at, press, result_of
from tests.factories import EmployeeFactory, MembershipFactory, UserFactory
from tests.factories.attendance import CorrectionFactory, ScheduleAssignmentFactory

pytestmark = pytest.mark.django_db

PUNCHES = "/api/v1/attendance/punches/"
DAYS = "/api/v1/attendance/days/"
CORRECTIONS = "/api/v1/attendance/corrections/"
SCHEDULES = "/api/v1/attendance/schedules/"
ASSIGNMENTS = "/api/v1/attendance/assignments/"
CLOCK_IN = "/api/v1/attendance/clock-in/"
CLOCK_OUT = "/api/v1/attendance/clock-out/"
START_BREAK = "/api/v1/attendance/start-break/"
END_BREAK = "/api/v1/attendance/end-break/"


def client_of(employee: Employee, role: Role) -> ApiClient:
    return ApiClient(
        MembershipFactory(
            organization=employee.organization, user=employee.user, role=role
        )
    )


@pytest.fixture
def own(employee) -> ApiClient:
    """The client of the employee."""
    return client_of(employee, Role.EMPLOYEE)


@pytest.fixture
def managers(employee) -> ApiClient:
    """The client of their manager."""
    return client_of(employee.manager, Role.MANAGER)


@pytest.fixture
def hr(employee) -> ApiClient:
    """The client of HR, who is an employee as well."""
    return client_of(
        EmployeeFactory(organization=employee.organization, user=UserFactory()),
        Role.HR,
    )


def body(direction: str, moment: str, **more: Any) -> dict[str, Any]:
    return {"direction": direction, "punched_at": at(moment).isoformat(), **more}


# --- One's own clock ------------------------------------------------------------------


def test_the_clock_is_pressed_by_four_addresses(own, employee):
    for moment, address in (
        ("09:00", CLOCK_IN),
        ("12:00", START_BREAK),
        ("12:30", END_BREAK),
        ("17:30", CLOCK_OUT),
    ):
        with time_machine.travel(at(moment), tick=False):
            # Tokens hold for a quarter of an hour.
            response = ApiClient(own.membership).send("POST", address)
        assert response.status_code == 201

    assert response.json()["direction"] == "out"
    assert response.json()["source"] == "api"
    assert result_of(employee) == ("present", 480)


def test_a_second_clock_in_conflicts_and_says_since_when(own):
    own.send("POST", CLOCK_IN)

    response = own.send("POST", CLOCK_IN)

    assert response.status_code == 409
    assert response.json()["detail"] == "You are clocked in since 19:00."


def test_who_is_no_employee_has_no_clock(employee):
    owner = ApiClient(
        MembershipFactory(organization=employee.organization, role=Role.OWNER)
    )

    response = owner.send("POST", CLOCK_IN)

    assert response.status_code == 400
    assert response.json()["detail"] == "Your login belongs to no employee."


# --- Punches --------------------------------------------------------------------------


def test_one_records_ones_own_punch(own, employee):
    response = own.send("POST", PUNCHES, body("in", "09:00"))

    assert response.status_code == 201
    assert response.json()["employee"] == str(employee.pk)
    assert response.json()["punched_at"] == "2026-11-02T08:00:00Z"
    assert response.json()["time_zone"] == "Europe/Berlin"


def test_the_same_punch_again_is_known(own):
    first = own.send("POST", PUNCHES, body("in", "09:00"))
    again = own.send("POST", PUNCHES, body("in", "09:00"))

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()


def test_each_item_of_a_batch_has_a_result_of_its_own(hr, employee):
    theirs = {"employee": str(employee.pk)}
    gate = theirs | {"device": "gate"}
    sent = [
        body("out", "17:00", **gate, device_sequence=2),
        body("in", "09:00", **gate, device_sequence=1),
        body("in", "09:00", **gate, device_sequence=1),
        body("in", "23:00", **theirs),
        body("sideways", "09:00", **theirs),
        body("in", "09:00", employee=str(EmployeeFactory().pk)),
        "nonsense",
    ]

    response = hr.send("POST", f"{PUNCHES}bulk/", {"items": sent})

    assert response.status_code == 200
    results = response.json()["results"]
    assert [(each["result"], each["status"]) for each in results] == [
        ("created", 201),
        ("created", 201),
        ("unchanged", 200),
        *[("refused", 400)] * 4,
    ]
    told = [each["problem"]["errors"][0] for each in results[3:]]
    assert [(each["pointer"], each["code"]) for each in told] == [
        ("/items/3/punched_at", "future"),
        ("/items/4/direction", "invalid_choice"),
        ("/items/5/employee", "not_found"),
        ("/items/6", "invalid"),
    ]
    assert results[1]["id"] == results[2]["id"]
    assert result_of(employee) == ("present", 480)


def test_a_batch_has_an_end(own):
    items = [body("in", "09:00")] * 1001
    response = own.send("POST", f"{PUNCHES}bulk/", {"items": items})

    assert response.status_code == 400
    assert response.json()["errors"][0]["message"] == "Give a list of 1 to 1000 items."
    assert not Punch.objects.exists()


def test_nobody_records_somebody_elses_punch(own, managers, employee):
    colleague = EmployeeFactory(organization=employee.organization)

    single = own.send("POST", PUNCHES, body("in", "09:00", employee=str(colleague.pk)))
    batch = managers.send(
        "POST",
        f"{PUNCHES}bulk/",
        {"items": [body("in", "09:00", employee=str(employee.pk))]},
    )

    assert (single.status_code, batch.status_code) == (403, 403)
    assert not Punch.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"punched_at": "2026-11-02T09:00:00"}, "punched_at", "naive"),
        ({"punched_at": "yesterday"}, "punched_at", "invalid"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "time_zone"),
        ({"direction": "up"}, "direction", "invalid_choice"),
        ({"colour": "red"}, "colour", "unknown"),
        ({"device_sequence": 2**63}, "device_sequence", "max_value"),
    ],
)
def test_what_is_wrong_is_told_by_field(own, wrong, field, code):
    response = own.send("POST", PUNCHES, body("in", "09:00") | wrong)

    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert (error["field"], error["code"]) == (field, code)


def test_only_those_who_may_void_a_punch(own, hr, employee):
    punch = press(employee, "in", "09:00")
    address = f"{PUNCHES}{punch.pk}/void/"

    assert own.send("POST", address, {"reason": "Oops"}).status_code == 403
    response = hr.send("POST", address, {"reason": "Oops"})
    again = hr.send("POST", address, {"reason": "Oops"})

    assert (response.status_code, again.status_code) == (200, 409)
    assert response.json()["void_reason"] == "Oops"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_punch_is_never_edited(hr, employee, method):
    punch = press(employee, "in", "09:00")

    response = hr.send(method, f"{PUNCHES}{punch.pk}/", {"direction": "out"})

    assert response.status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_of_punches_costs_the_same(
    own, employee, count, django_assert_num_queries
):
    for hour in range(count):
        press(employee, "in", f"1{hour}:00")

    own.get(PUNCHES)  # the first request reads limits and keys as well

    with django_assert_num_queries(2):  # the membership, the punches
        response = own.get(PUNCHES)

    assert len(response.json()["results"]) == count


def test_punches_are_narrowed(own, employee):
    press(employee, "in", "09:00")
    wanted = press(employee, "out", "12:00")
    void_punch(press(employee, "out", "13:00"), reason="Oops")

    response = own.get(
        PUNCHES,
        {
            "direction": "out",
            "is_voided": "false",
            "punched_from": at("10:00").isoformat(),
            "employee": str(employee.pk),
        },
    )

    assert [each["id"] for each in response.json()["results"]] == [str(wanted.pk)]


@pytest.mark.parametrize("address", [PUNCHES, DAYS, CORRECTIONS, ASSIGNMENTS])
def test_each_sees_what_is_theirs_to_see(address, own, managers, hr, employee):
    colleague = EmployeeFactory(organization=employee.organization)
    for person in (employee, colleague, EmployeeFactory()):
        press(person, "in", "09:00")
        CorrectionFactory(
            organization=person.organization, employee=person, on=MONDAY, reason="?"
        )
        ScheduleAssignmentFactory(employee=person)

    def people(client: ApiClient) -> set[str]:
        return {each["employee"] for each in client.get(address).json()["results"]}

    assert people(own) == {str(employee.pk)}
    assert people(managers) == {str(employee.pk)}
    assert people(hr) == {str(employee.pk), str(colleague.pk)}


# --- Days -----------------------------------------------------------------------------


def test_days_show_their_figures(own, employee):
    press(employee, "in", "09:10")
    press(employee, "out", "17:00")

    [day] = own.get(DAYS, {"on_from": "2026-11-01", "status": "partial"}).json()[
        "results"
    ]

    kept = AttendanceDay.objects.get(employee=employee)
    assert day == {
        "id": str(kept.pk),
        "version": 2,
        "created_at": day["created_at"],
        "updated_at": day["updated_at"],
        "employee": str(employee.pk),
        "on": "2026-11-02",
        "status": "partial",
        "worked_minutes": 470,
        "break_minutes": 0,
        "required_minutes": 480,
        "difference_minutes": -10,
        "late_minutes": 10,
        "first_in_at": "2026-11-02T08:10:00Z",
        "last_out_at": "2026-11-02T16:00:00Z",
        "warnings": [],
    }


def test_days_are_not_written_by_anybody(hr):
    assert hr.send("POST", DAYS, {}).status_code == 405


# --- Corrections ----------------------------------------------------------------------

ASKED = {
    "on": "2026-11-02",
    "add": [{"punched_at": "2026-11-02T17:30:00+01:00", "direction": "out"}],
}


def test_a_correction_is_previewed_asked_for_and_approved_once(
    own, managers, hr, employee
):
    press(employee, "in", "09:00")

    preview = own.send("POST", f"{CORRECTIONS}preview/", ASKED).json()
    assert (preview["before"]["status"], preview["after"]["worked_minutes"]) == (
        "present",  # it is 19:00, the session may still end
        510,
    )
    asked = own.send("POST", CORRECTIONS, ASKED | {"reason": "Forgot"})
    assert asked.status_code == 201
    assert asked.json()["punches"][0]["action"] == "add"
    address = asked["Location"].removeprefix("http://testserver")
    approved = managers.send("POST", f"{address}approve/")
    second = hr.send("POST", f"{address}decline/", {"reason": "No"})

    assert approved.status_code == 200
    assert approved.json()["applied"]["after"]["worked_minutes"] == 510
    assert second.status_code == 409
    assert second.json()["detail"].startswith("This correction was approved by")


def test_nobody_approves_their_own(employee):
    boss = client_of(employee, Role.HR)
    press(employee, "in", "09:00")
    asked = boss.send("POST", CORRECTIONS, ASKED | {"reason": "Forgot"}).json()

    response = boss.send("POST", f"{CORRECTIONS}{asked['id']}/approve/")

    assert response.status_code == 403


def test_a_punch_of_somebody_else_is_not_voided(own, employee):
    theirs = press(EmployeeFactory(organization=employee.organization), "in", "09:00")

    response = own.send(
        "POST",
        CORRECTIONS,
        {"on": "2026-11-02", "void": [str(theirs.pk)], "reason": "Not me"},
    )

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "void"


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_of_corrections_costs_the_same(
    own, employee, count, django_assert_num_queries
):
    for day in range(count):
        CorrectionFactory(
            organization=employee.organization,
            employee=employee,
            on=MONDAY - dt.timedelta(days=day),
            reason="?",
        )

    own.get(CORRECTIONS)  # the first request reads limits and keys as well

    with django_assert_num_queries(3):  # the membership, corrections, their lines
        response = own.get(CORRECTIONS)

    assert len(response.json()["results"]) == count


# --- Schedules ------------------------------------------------------------------------


def test_hr_keeps_the_schedules(own, hr, employee):
    night = {"starts": "22:00", "ends": "06:00", "break_minutes": 45}
    created = hr.send(
        "POST", SCHEDULES, {"name": "Night", "pattern": {"monday": night}}
    )
    refused = own.send("POST", SCHEDULES, {"name": "Mine", "pattern": {}})

    assert (created.status_code, refused.status_code) == (201, 403)
    schedule = WorkSchedule.objects.get(name="Night")
    assert created.json()["pattern"] == {"monday": night}
    assert schedule.rule[0].is_overnight


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ([], "A pattern maps weekdays to their hours."),
        ({"moonday": {}}, "“moonday” is no weekday: use monday … sunday."),
        ({"monday": {}}, "monday has no starts and ends, such as 09:00."),
        (
            {"monday": {"starts": "9", "ends": "17:00"}},
            "monday: “9” is no time, such as 09:00.",
        ),
        (
            {"monday": {"starts": "09:00", "ends": "17:00", "break_minutes": -1}},
            "monday: a break has 0 to 600 minutes.",
        ),
        (
            {"monday": {"starts": "09:00", "ends": "17:00", "lunch": 1}},
            "monday: “lunch” is not known.",
        ),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused_with_a_sentence(hr, pattern, message):
    response = hr.send("POST", SCHEDULES, {"name": "Odd", "pattern": pattern})

    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert (error["field"], error["message"]) == ("pattern", message)


def test_there_is_one_default(hr):
    response = hr.send("POST", SCHEDULES, {"name": "Second", "is_default": True})

    assert response.status_code == 400


def test_of_many_schedules_each_has_a_result_of_its_own(hr):
    night = {"monday": {"starts": "22:00", "ends": "06:00"}}
    late = {"monday": {"starts": "21:00", "ends": "05:00"}}
    response = hr.send(
        "POST",
        f"{SCHEDULES}bulk/",
        {
            "items": [
                {"name": "Night", "pattern": night},
                {"name": "Night", "pattern": late},
                {"name": "night", "pattern": {}},
                {"name": "Odd", "pattern": {"moonday": {}}, "colour": "red"},
                7,
            ]
        },
    )

    assert response.status_code == 200
    created, changed, taken, odd, number = response.json()["results"]
    assert [created["result"], changed["result"]] == ["created", "updated"]
    assert changed["id"] == created["id"]
    assert [each["id"] for each in (taken, odd, number)] == [None] * 3
    told = [each["problem"]["errors"][0] for each in (taken, odd, number)]
    assert told[0]["message"] == "There is a schedule of this name."
    assert told[1]["field"] == "colour"
    assert told[2]["code"] == "invalid"
    [kept] = WorkSchedule.objects.filter(name__in=["Night", "night", "Odd"])
    assert (kept.name, kept.pattern) == ("Night", late)


def test_of_many_corrections_each_has_a_result_of_its_own(own, employee):
    press(employee, "in", "09:00")

    response = own.send(
        "POST",
        f"{CORRECTIONS}bulk/",
        {
            "items": [
                ASKED | {"reason": "Forgot"},
                ASKED | {"reason": "Forgot"},
                ASKED | {"on": "2026-11-03", "reason": "Tomorrow"},
            ]
        },
    )

    assert response.status_code == 200
    first, again, ahead = response.json()["results"]
    assert first["result"] == "created"
    assert again["problem"]["errors"][0]["message"] == (
        "A correction of this day is pending."
    )
    assert ahead["result"] == "refused"
    assert str(Correction.objects.get(status="pending").pk) == first["id"]


def test_an_assignment_computes_the_days_anew(hr, employee):
    press(employee, "in", "09:00")
    press(employee, "out", "13:00")
    morning = {"monday": {"starts": "09:00", "ends": "13:00"}}
    schedule = hr.send("POST", SCHEDULES, {"name": "Mornings", "pattern": morning})

    hr.send(
        "POST",
        ASSIGNMENTS,
        {
            "employee": str(employee.pk),
            "schedule": schedule.json()["id"],
            "effective_on": "2026-11-01",
        },
    )

    assert result_of(employee) == ("present", 240)


def test_the_schema_describes_every_address(hr):
    schema = hr.get(reverse("api:schema"), {"format": "json"}).json()

    described = {path for path in schema["paths"] if "/attendance/" in path}
    assert {PUNCHES, DAYS, CORRECTIONS, SCHEDULES, CLOCK_IN, CLOCK_OUT} <= described


def test_of_many_assignments_each_has_a_result_of_its_own(hr, employee):
    schedule = ScheduleAssignmentFactory(employee=employee).schedule
    item = {
        "employee": str(employee.pk),
        "schedule": str(schedule.pk),
        "effective_on": "2027-01-01",
    }

    response = hr.send("POST", f"{ASSIGNMENTS}bulk/", {"items": [item, item]})

    assert [each["result"] for each in response.json()["results"]] == [
        "created",
        "refused",
    ]
