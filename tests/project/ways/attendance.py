"""How time is written, and what each way tells."""

import datetime as dt
from typing import Any

from django.utils import timezone

from attendance.models import AttendanceDay, Correction, Punch, StaleDays
from attendance.services import (
    Asked,
    AskedPunch,
    Inputs,
    NewPunch,
    approve_correction,
    clock_in,
    clock_out,
    decline_correction,
    end_break,
    recompute_days,
    record_punch,
    record_punches,
    request_correction,
    start_break,
    void_punch,
    withdraw_correction,
)
from attendance.services.computing import keep_days
from attendance.tasks import mark_absences, recompute_stale_days
from employees.models import Employee
from organizations.access import OrganizationAccess
from tests.factories import UserFactory
from tests.factories.attendance import ScheduleAssignmentFactory, WorkScheduleFactory
from tests.project.ways.kept import Kept, keep
from tests.project.ways.stage import SILENT, TODAY, Stage, Write, select, way

CAME_AT = dt.datetime.combine(TODAY, dt.time(9), dt.UTC)
LEFT_AT = CAME_AT + dt.timedelta(hours=8)
DAY = "attendance_day.changed"
IN, OUT = "attendance.checked_in", "attendance.checked_out"
NIGHTS = {
    "name": "Nights",
    "pattern": {"monday": {"starts": "22:00", "ends": "06:00"}},
}


def me(stage: Stage) -> Employee:
    """Return the owner as an employee."""
    return stage.employee(user=stage.browser.membership.user)  # type: ignore[attr-defined]


def punched(employee: Employee) -> Punch:
    """Return a clock-in of a day that has passed."""
    punch = record_punch(NewPunch(employee, CAME_AT, Punch.Direction.IN)).punch
    assert punch is not None
    return punch


def correction(employee: Employee) -> Correction:
    """Return a correction that waits: a clock-out is missing."""
    punched(employee)
    add = [AskedPunch(LEFT_AT, Punch.Direction.OUT)]
    return request_correction(Asked(employee, TODAY, add), reason="Forgot")


def waiting(stage: Stage) -> Correction:
    """Return a correction that somebody else asks for."""
    return correction(stage.employee(user=UserFactory()))


# --- The clock ------------------------------------------------------------------------


@way("page attendance:clock")
def _(stage: Stage) -> Write:
    me(stage)
    return Write(lambda: stage.browser.post("/time/clock/", {"press": "in"}), [IN, DAY])


PRESSES: dict[str, Any] = {
    press.__name__: press for press in (clock_in, clock_out, start_break, end_break)
}
#: Of each address: what was pressed before, and what it tells.
CLOCK: dict[str, tuple[list[Any], list[str]]] = {
    "clock-in": ([], [IN, DAY]),
    "clock-out": ([clock_in], [OUT, DAY]),
    "start-break": ([clock_in], ["attendance.break_started"]),
    "end-break": ([clock_in, start_break], ["attendance.break_ended"]),
}


@way(*(f"service attendance.services.clock.{name}" for name in PRESSES))
def _(stage: Stage, name: str) -> Write:
    press = name.rpartition(".")[2]
    before, tells = CLOCK[press.replace("_", "-")]
    employee = stage.employee()
    for pressed in before:
        pressed(employee)
    return Write(lambda: PRESSES[press](employee), tells)


@way(*(f"POST api:{name}" for name in CLOCK))
def _(stage: Stage, name: str) -> Write:
    """A second's work or break changes no whole minute, and so no figure."""
    address = name.split(":")[1]
    before, tells = CLOCK[address]
    employee = me(stage)
    for press in before:
        press(employee)
    return Write(
        lambda: stage.api.send("POST", f"/api/v1/attendance/{address}/"), tells
    )


# --- Punches --------------------------------------------------------------------------


@way("POST api:punch-list", "POST api:punch-bulk")
def _(stage: Stage, name: str) -> Write:
    """What is delivered twice is told once."""
    came = {
        "employee": str(stage.employee().pk),
        "punched_at": CAME_AT.isoformat(),
        "direction": "in",
    }
    left = came | {"punched_at": LEFT_AT.isoformat(), "direction": "out"}
    punches = "/api/v1/attendance/punches/"
    if name.endswith("bulk"):
        body = {"items": [came, left, came]}
        return Write(
            lambda: stage.api.send("POST", f"{punches}bulk/", body), [IN, OUT, DAY]
        )
    return Write(
        lambda: [stage.api.send("POST", punches, came) for _ in range(2)], [IN, DAY]
    )


@way(
    "service attendance.services.punching.record_punch",
    "service attendance.services.punching.record_punches",
)
def _(stage: Stage, name: str) -> Write:
    """Delivered twice, it is told once."""
    new = NewPunch(stage.employee(), CAME_AT, Punch.Direction.IN)
    if name.endswith("record_punches"):
        return Write(lambda: record_punches([new, new]), [IN, DAY])
    return Write(lambda: (record_punch(new), record_punch(new)), [IN, DAY])


@way("service attendance.services.voiding.void_punch")
def _(stage: Stage) -> Write:
    punch = punched(stage.employee())
    return Write(lambda: void_punch(punch, reason="Not them"), ["punch.voided", DAY])


@way("POST api:punch-void")
def _(stage: Stage) -> Write:
    punch = punched(stage.employee())
    address = f"/api/v1/attendance/punches/{punch.pk}/void/"
    return Write(
        lambda: stage.api.send("POST", address, {"reason": "Not them"}),
        ["punch.voided", DAY],
    )


@way("admin attendance_punch_add")
def _(stage: Stage) -> Write:
    form = {
        "employee": str(stage.employee().pk),
        "direction": "in",
        "on": TODAY.isoformat(),
        "time": "09:00",
    }
    return Write(
        lambda: stage.browser.post("/admin/attendance/punch/add/", form), [IN, DAY]
    )


@way("admin attendance.punch action void")
def _(stage: Stage) -> Write:
    punches = [punched(stage.employee()), punched(stage.employee())]
    answer = {"answered": "yes", "reason": "Not them"}
    return Write(
        lambda: select(stage, "attendance/punch", "void", punches, **answer),
        ["punch.voided", DAY] * 2,
    )


# --- Corrections ----------------------------------------------------------------------


@way("page attendance:correct")
def _(stage: Stage) -> Write:
    me(stage)
    form = {"time_0": "09:00", "direction_0": "in", "reason": "Forgot", "send": "1"}
    return Write(
        lambda: stage.browser.post(f"/time/{TODAY}/correct/", form),
        ["correction.submitted"],
    )


@way("POST api:correction-list", "POST api:correction-bulk")
def _(stage: Stage, name: str) -> Write:
    me(stage)
    body = {
        "on": TODAY.isoformat(),
        "add": [{"punched_at": CAME_AT.isoformat(), "direction": "in"}],
        "reason": "Forgot",
    }
    address, sent = "/api/v1/attendance/corrections/", body
    if name.endswith("bulk"):
        address, sent = f"{address}bulk/", {"items": [body]}
    return Write(
        lambda: stage.api.send("POST", address, sent), ["correction.submitted"]
    )


DECISIONS: dict[str, list[str]] = {
    "approve": ["correction.approved", OUT, DAY],
    "decline": ["correction.declined"],
}


@way(*(f"page attendance:{decision}" for decision in DECISIONS))
def _(stage: Stage, name: str) -> Write:
    decision = name.rpartition(":")[2]
    address = f"/time/corrections/{waiting(stage).pk}/{decision}/"
    return Write(
        lambda: stage.browser.post(address, {"reason": "No"}), DECISIONS[decision]
    )


@way(*(f"POST api:correction-{decision}" for decision in DECISIONS))
def _(stage: Stage, name: str) -> Write:
    decision = name.rpartition("-")[2]
    address = f"/api/v1/attendance/corrections/{waiting(stage).pk}/{decision}/"
    body = {"reason": "No"} if decision == "decline" else None
    return Write(lambda: stage.api.send("POST", address, body), DECISIONS[decision])


@way(*(f"admin attendance.correction action {decision}" for decision in DECISIONS))
def _(stage: Stage, name: str) -> Write:
    decision = name.rpartition(" ")[2]
    asked = [waiting(stage), waiting(stage)]
    answer = {"answered": "yes", "reason": "No"}
    return Write(
        lambda: select(stage, "attendance/correction", decision, asked, **answer),
        DECISIONS[decision] * 2,
    )


@way("service attendance.services.correcting.request_correction")
def _(stage: Stage) -> Write:
    employee = stage.employee()
    punched(employee)
    asked = Asked(employee, TODAY, [AskedPunch(LEFT_AT, Punch.Direction.OUT)])
    return Write(
        lambda: request_correction(asked, reason="Forgot"), ["correction.submitted"]
    )


@way(*(f"service attendance.services.deciding.{each}_correction" for each in DECISIONS))
def _(stage: Stage, name: str) -> Write:
    decision = name.rpartition(".")[2].removesuffix("_correction")
    asked, access = waiting(stage), OrganizationAccess.of(stage.browser.membership)  # type: ignore[attr-defined]
    if decision == "approve":
        return Write(
            lambda: approve_correction(asked, access=access), DECISIONS[decision]
        )
    return Write(
        lambda: decline_correction(asked, access=access, reason="No"),
        DECISIONS[decision],
    )


@way("service attendance.services.deciding.withdraw_correction")
def _(stage: Stage) -> Write:
    asked = correction(me(stage))
    access = OrganizationAccess.of(stage.browser.membership)  # type: ignore[attr-defined]
    return Write(
        lambda: withdraw_correction(asked, access=access), ["correction.withdrawn"]
    )


@way("page attendance:withdraw", "POST api:correction-withdraw")
def _(stage: Stage, name: str) -> Write:
    asked = correction(me(stage))
    if name.startswith("page"):
        address = f"/time/corrections/{asked.pk}/withdraw/"
        return Write(lambda: stage.browser.post(address), ["correction.withdrawn"])
    address = f"/api/v1/attendance/corrections/{asked.pk}/withdraw/"
    return Write(lambda: stage.api.send("POST", address), ["correction.withdrawn"])


# --- Days -----------------------------------------------------------------------------


@way("admin attendance.attendanceday action compute_anew")
def _(stage: Stage) -> Write:
    """Nothing has changed since they were computed."""
    employee = stage.employee()
    punched(employee)
    days = list(employee.attendance_days.all())
    return Write(
        lambda: select(stage, "attendance/attendanceday", "compute_anew", days), []
    )


@way(
    "service attendance.services.computing.recompute_days",
    "service attendance.services.computing.keep_days",
)
def _(stage: Stage, name: str) -> Write:
    """A day that is not kept, as before an import of punches; the second time none."""
    employee = stage.employee()
    punched(employee)
    AttendanceDay.objects.all().delete()
    inputs = Inputs([employee], TODAY, TODAY)

    def compute() -> Any:
        if name.endswith("keep_days"):
            return keep_days(inputs, timezone.now())
        return recompute_days([employee.pk], TODAY, TODAY)

    return Write(lambda: (compute(), compute()), [DAY])


@way(
    "task attendance.tasks.mark_absences",
    "service attendance.services.settling.mark_absences",
)
def _(stage: Stage) -> Write:
    """Every weekday has a shift of a day and a night, so one has just ended."""
    stage.employee()
    hours = {"starts": "00:00", "ends": "00:00"}
    week = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    WorkScheduleFactory(
        **stage.mine, default=True, pattern=dict.fromkeys((*week, "sunday"), hours)
    )
    return Write(mark_absences, [DAY])


@way(
    "task attendance.tasks.recompute_stale_days",
    "service attendance.services.stale.recompute_stale_days",
)
def _(stage: Stage) -> Write:
    """The day of the punch was not kept, as before an import of punches."""
    employee = stage.employee()
    StaleDays.objects.create(
        **stage.mine, employee=employee, first_on=TODAY, last_on=TODAY
    )
    return Write(recompute_stale_days, [])


# --- Schedules ------------------------------------------------------------------------


def assignment(stage: Stage) -> dict[str, Any]:
    """Return an assignment as the API and the admin take it."""
    return {
        "employee": str(stage.employee().pk),
        "schedule": str(WorkScheduleFactory(**stage.mine).pk),
        "effective_on": TODAY.isoformat(),
    }


keep(
    Kept(
        app="attendance",
        model="workschedule",
        noun="work_schedule",
        route="work-schedule",
        place="attendance/schedules",
        body=lambda _stage: NIGHTS,
        form=lambda _stage: {
            "name": "Nights",
            "monday_starts": "22:00",
            "monday_ends": "06:00",
        },
        row=lambda stage: WorkScheduleFactory(**stage.mine),
    )
)
keep(
    Kept(
        app="attendance",
        model="scheduleassignment",
        noun="schedule_assignment",
        route="schedule-assignment",
        place="attendance/assignments",
        body=assignment,
        row=lambda stage: ScheduleAssignmentFactory(employee=stage.employee()),
    )
)

SILENT.update(
    {
        "service attendance.services.computing.figures": "a value",
        "service attendance.services.computing.day_fields": "a value",
        "service attendance.services.computing.is_to_be_kept": "a value",
        "service attendance.services.locking.holding": "locks",
        "service attendance.services.locking.lock_people": "locks",
        "service attendance.services.locking.lock_people_by_id": "locks",
        "service attendance.services.computing.computing_here": "says who computes",
        "service attendance.services.computing.is_computed_here": "read",
        "service attendance.services.sessions.keep_sessions": "no record: who is in",
        "service attendance.services.stale.mark_stale": "no record: work to do",
        "service attendance.services.deciding.may_decide": "read",
        "service attendance.services.correcting.preview_correction": "read",
        "service attendance.services.inputs.zone_of": "read",
        "service attendance.services.punching.check_employed": "read",
        "service attendance.services.reading.read": "read",
        "task attendance.tasks.mail_about": "writes no record",
        "admin attendance_attendanceday_*": "computed, never written by hand",
        "admin attendance_correction_*": "decided by actions alone",
        "admin attendance_punch_change": "a punch is never edited",
        "admin attendance_punch_delete": "a punch is never removed",
        "admin attendance.correction inline attendance.correctedpunch": "read",
        "page attendance:month": "read",
        "page attendance:person_month": "read",
        "page attendance:day": "read",
        "page attendance:person_day": "read",
        "page attendance:effect": "read",
        "page attendance:team": "read",
        "POST api:correction-preview": "computed, nothing is written",
    }
)
