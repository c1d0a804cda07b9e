from leave.models.calendars import Holiday, HolidayCalendar, WorkWeek
from leave.models.ledger import LeaveAccount, LeaveLedgerEntry
from leave.models.requests import LeaveDay, LeaveRequest
from leave.models.types import LeaveType

__all__ = [
    "Holiday",
    "HolidayCalendar",
    "LeaveAccount",
    "LeaveDay",
    "LeaveLedgerEntry",
    "LeaveRequest",
    "LeaveType",
    "WorkWeek",
]
