"""The demo's attendance: schedules, a year of punches, today's, and corrections."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.db.models import Max
from django.utils import timezone

from attendance.models import (
    AttendanceDay,
    Correction,
    Punch,
    ScheduleAssignment,
    StaleDays,
    WorkSchedule,
)
from attendance.overview import Presence, team_of, team_today
from attendance.services import (
    Asked,
    AskedPunch,
    Inputs,
    NewPunch,
    approve_correction,
    decline_correction,
    record_punch,
    record_punches,
    request_correction,
    zone_of,
)
from employees.models import Employee
from organizations.access import OrganizationAccess
from organizations.models import Organization
from people_hr.demo.habits import punches_on
from people_hr.demo.past_attendance import device_of, load_past_punches

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
WORK_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
NIGHTS = ("sunday", "monday", "tuesday", "wednesday", "thursday")
#: Name, days, first and last hour, minutes of break. The first counts for everybody
#: who is given no other.
SCHEDULES = (
    ("Office", WORK_DAYS, "09:00", "17:30", 30),
    ("Early shift", WORK_DAYS, "06:00", "14:00", 30),
    ("Late shift", WORK_DAYS, "14:00", "22:00", 30),
    ("Night shift", NIGHTS, "22:00", "06:00", 45),
)
#: Who works by which, by number, from how many days ago on.
SHIFTS = (
    ("1038", "Early shift", 400),
    ("1039", "Late shift", 400),
    ("1040", "Early shift", 400),
    ("1041", "Early shift", 400),
    ("1041", "Late shift", 120),
    ("1042", "Night shift", 400),
    ("1043", "Early shift", 400),
)
#: The team of manager@demo.example, who are asked about below.
MANAGER_NUMBER = "1020"
WAITS, APPROVED, DECLINED = "1025", "1024", "1023"
#: On which of their working days they forgot to clock out, counted backwards.
FORGOTTEN = {WAITS: (1,), APPROVED: (4,), MANAGER_NUMBER: (9,)}
#: People whose punches come at once: their days are computed with them.
AT_ONCE = 20


def load_attendance(organization: Organization) -> None:
    """Give the company a year at work, seen from now."""
    now = timezone.now()
    everybody = list(
        Employee.objects.select_related("location", "organization").order_by("number")
    )
    _add_schedules(organization, {each.number: each for each in everybody}, now)
    load_past_punches(everybody, now, FORGOTTEN)
    StaleDays.objects.all().delete()  # leave has marked what is computed by now
    for start in range(0, len(everybody), AT_ONCE):
        _punch_today(everybody[start : start + AT_ONCE], now)
    manager = Employee.objects.select_related("user").get(number=MANAGER_NUMBER)
    _let_somebody_be_in(manager, now)
    _ask_for_corrections(manager, now)


def _add_schedules(
    organization: Organization, people: dict[str, Employee], now: dt.datetime
) -> None:
    schedules = {
        name: WorkSchedule(
            organization=organization,
            name=name,
            pattern={
                day: {"starts": starts, "ends": ends, "break_minutes": minutes}
                for day in days
            },
            is_default=name == SCHEDULES[0][0],
        )
        for name, days, starts, ends, minutes in SCHEDULES
    }
    for schedule in schedules.values():
        schedule.full_clean()
        schedule.save()
    ScheduleAssignment.objects.bulk_create(
        ScheduleAssignment(
            organization=organization,
            employee=people[number],
            schedule=schedules[name],
            effective_on=now.date() - days * DAY,
        )
        for number, name, days in SHIFTS
    )


def _punch_today(people: Sequence[Employee], now: dt.datetime) -> None:
    """Let people have come, paused and left today as far as the day has gone."""
    inputs = Inputs(people, now.date() - DAY, now.date() + DAY)
    punches = [punch for each in people for punch in _today(each, inputs, now)]
    record_punches(
        [each for each in punches if not each.device], source=Punch.Source.WEB
    )
    sent = [each for each in punches if each.device]
    last = Punch.objects.aggregate(last=Max("device_sequence"))["last"] or 0
    record_punches(
        [
            replace(each, device_sequence=last + place)
            for place, each in enumerate(sent, start=1)
        ]
    )


def _today(employee: Employee, inputs: Inputs, now: dt.datetime) -> Iterator[NewPunch]:
    today = now.astimezone(zone_of(employee)).date()
    result = inputs.results(employee, now)[today]
    if not result.required:
        return
    for punch in punches_on(employee.number, result, now):
        if punch.at <= now:
            direction = Punch.Direction(punch.direction.value)
            device = device_of(employee)
            yield NewPunch(employee, punch.at, direction, device=device)


def _let_somebody_be_in(manager: Employee, now: dt.datetime) -> None:
    """At night and at weekends, let one of the team look after an incident."""
    team = team_today(team_of(manager), now)
    if any(each.presence in {Presence.IN, Presence.BREAK} for each in team):
        return
    rested = now - dt.timedelta(hours=2)
    free = {Presence.OFF, Presence.LATER, Presence.LEFT}
    for each in team:
        if each.presence in free and (each.since is None or each.since < rested):
            came_at = now - dt.timedelta(minutes=35)
            record_punch(NewPunch(each.employee, came_at, Punch.Direction.IN))
            return


# --- Corrections ----------------------------------------------------------------------


def _ask_for_corrections(manager: Employee, now: dt.datetime) -> None:
    """One waits for the manager, one was approved, one declined."""
    access = OrganizationAccess(
        manager.organization,
        "user",
        str(manager.user_id),
        scopes=frozenset({"attendance:approve"}),
        user=manager.user,
    )
    team = {each.number: each for each in team_of(manager)}
    forgot = _forgotten_days(team)
    if on := forgot.get(WAITS):
        _ask_for_clock_out(team[WAITS], on, "I forgot to clock out.")
    if on := forgot.get(APPROVED):
        asked = _ask_for_clock_out(team[APPROVED], on, "My phone was empty.")
        approve_correction(asked, access=access)
    late = AttendanceDay.objects.filter(
        employee=team[DECLINED], status=AttendanceDay.Status.PRESENT
    ).exclude(on=now.date())
    if day := late.order_by("-on").first():
        assert day.first_in_at is not None
        earlier = AskedPunch(day.first_in_at - 45 * MINUTE, Punch.Direction.IN)
        asked = request_correction(
            Asked(
                team[DECLINED],
                day.on,
                add=[earlier],
                void=list(
                    Punch.objects.filter(
                        employee=day.employee_id, punched_at=day.first_in_at
                    )
                ),
            ),
            reason="I was on the telephone on my way.",
        )
        decline_correction(
            asked, access=access, reason="The way to work does not count."
        )


def _forgotten_days(team: dict[str, Employee]) -> dict[str, dt.date]:
    """Return the latest day of each that lacks a punch."""
    lacking = AttendanceDay.objects.filter(
        employee__in=team.values(), status=AttendanceDay.Status.MISSING_PUNCH
    )
    return dict(lacking.order_by("on").values_list("employee__number", "on"))


def _ask_for_clock_out(employee: Employee, on: dt.date, reason: str) -> Correction:
    day = AttendanceDay.objects.get(employee=employee, on=on)
    assert day.first_in_at is not None
    left_at = day.first_in_at + dt.timedelta(hours=8, minutes=45)
    left = AskedPunch(left_at.replace(second=0), Punch.Direction.OUT)
    return request_correction(Asked(employee, on, add=[left]), reason=reason)
