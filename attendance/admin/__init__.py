"""Attendance as HR sees it."""

from attendance.admin.corrections import CorrectionAdmin
from attendance.admin.days import AttendanceDayAdmin
from attendance.admin.punches import PunchAdmin
from attendance.admin.schedules import ScheduleAssignmentAdmin, WorkScheduleAdmin

__all__ = [
    "AttendanceDayAdmin",
    "CorrectionAdmin",
    "PunchAdmin",
    "ScheduleAssignmentAdmin",
    "WorkScheduleAdmin",
]
