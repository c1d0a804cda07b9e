"""What attendance/ tells the rest of the world; listed in docs/events.md."""

from django.utils.translation import gettext_lazy as _

from attendance.models import (
    AttendanceDay,
    Correction,
    Punch,
    ScheduleAssignment,
    WorkSchedule,
)
from organizations.events import EventType, emit_by_decision, emit_on_change

ATTENDANCE_CHECKED_IN = EventType("attendance.checked_in", _("Somebody clocked in."))
ATTENDANCE_CHECKED_OUT = EventType("attendance.checked_out", _("Somebody clocked out."))
ATTENDANCE_BREAK_STARTED = EventType(
    "attendance.break_started", _("Somebody began a break.")
)
ATTENDANCE_BREAK_ENDED = EventType(
    "attendance.break_ended", _("Somebody ended a break.")
)
PUNCH_VOIDED = EventType(
    "punch.voided", _("A punch was declared void: it counts no more.")
)
ATTENDANCE_DAY_CHANGED = EventType(
    "attendance_day.changed", _("The result of a day changed."), is_opt_in=True
)
CORRECTION_SUBMITTED = EventType(
    "correction.submitted", _("A correction of a day was asked for.")
)
CORRECTION_APPROVED = EventType(
    "correction.approved", _("A correction was approved and applied.")
)
CORRECTION_DECLINED = EventType("correction.declined", _("A correction was declined."))
CORRECTION_WITHDRAWN = EventType(
    "correction.withdrawn", _("A correction was taken back before it was decided.")
)

BY_DIRECTION = {
    Punch.Direction.IN: ATTENDANCE_CHECKED_IN,
    Punch.Direction.OUT: ATTENDANCE_CHECKED_OUT,
    Punch.Direction.BREAK_START: ATTENDANCE_BREAK_STARTED,
    Punch.Direction.BREAK_END: ATTENDANCE_BREAK_ENDED,
}


def _said_by(punch: Punch) -> EventType:
    return BY_DIRECTION[Punch.Direction(punch.direction)]


# The only change that a punch allows is to be voided.
emit_on_change(Punch, created=_said_by, updated=PUNCH_VOIDED, deleted=PUNCH_VOIDED)
# Corrections are written by services alone, each of which tells its decision.
emit_by_decision(Correction)
emit_on_change(
    AttendanceDay,
    created=ATTENDANCE_DAY_CHANGED,
    updated=ATTENDANCE_DAY_CHANGED,
    deleted=ATTENDANCE_DAY_CHANGED,
)
emit_on_change(
    WorkSchedule,
    created=EventType("work_schedule.created", _("A work schedule was added.")),
    updated=EventType("work_schedule.updated", _("A work schedule changed.")),
    deleted=EventType("work_schedule.deleted", _("A work schedule was removed.")),
)
emit_on_change(
    ScheduleAssignment,
    created=EventType(
        "schedule_assignment.created", _("Somebody was given a work schedule.")
    ),
    updated=EventType(
        "schedule_assignment.updated", _("Somebody's work schedule changed.")
    ),
    deleted=EventType(
        "schedule_assignment.deleted", _("Somebody's work schedule was taken away.")
    ),
)
