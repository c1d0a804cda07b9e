"""What integrators read and write of leave."""

from leave.api.balances import LeaveBalanceViewSet, LeaveLedgerViewSet
from leave.api.calendars import HolidayCalendarViewSet
from leave.api.requests import LeaveRequestViewSet
from leave.api.types import LeaveTypeViewSet

__all__ = [
    "HolidayCalendarViewSet",
    "LeaveBalanceViewSet",
    "LeaveLedgerViewSet",
    "LeaveRequestViewSet",
    "LeaveTypeViewSet",
]
