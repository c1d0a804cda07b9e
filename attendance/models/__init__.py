from attendance.models.corrections import CorrectedPunch, Correction
from attendance.models.days import AttendanceDay, Settlement, StaleDays
from attendance.models.punches import OpenSession, Punch
from attendance.models.schedules import ScheduleAssignment, WorkSchedule

__all__ = [
    "AttendanceDay",
    "CorrectedPunch",
    "Correction",
    "OpenSession",
    "Punch",
    "ScheduleAssignment",
    "Settlement",
    "StaleDays",
    "WorkSchedule",
]
