"""What integrators read and write of leave."""

from leave.api.balances import LeaveBalanceViewSet, LeaveLedgerViewSet
from leave.api.calendars import HolidayCalendarViewSet
from leave.api.requests import LeaveRequestViewSet
from leave.api.types import LeaveTypeViewSet
from leave.api.weeks import WorkWeekViewSet

__all__ = [
    "HolidayCalendarViewSet",
    "LeaveBalanceViewSet",
    "LeaveLedgerViewSet",
    "LeaveRequestViewSet",
    "LeaveTypeViewSet",
    "WorkWeekViewSet",
]
