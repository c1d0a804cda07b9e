"""What integrators read and write of attendance."""

from attendance.api.clock import (
    ClockInView,
    ClockOutView,
    EndBreakView,
    StartBreakView,
)
from attendance.api.corrections import CorrectionViewSet
from attendance.api.days import AttendanceDayViewSet
from attendance.api.punches import PunchViewSet
from attendance.api.schedules import ScheduleAssignmentViewSet, WorkScheduleViewSet

__all__ = [
    "AttendanceDayViewSet",
    "ClockInView",
    "ClockOutView",
    "CorrectionViewSet",
    "EndBreakView",
    "PunchViewSet",
    "ScheduleAssignmentViewSet",
    "StartBreakView",
    "WorkScheduleViewSet",
]
