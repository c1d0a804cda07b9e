"""HR's side of leave: types, calendars, requests, balances and the ledger."""

from leave.admin.balances import LeaveAccountAdmin, LeaveLedgerEntryAdmin
from leave.admin.calendars import HolidayAdmin, HolidayCalendarAdmin, WorkWeekAdmin
from leave.admin.requests import LeaveRequestAdmin
from leave.admin.types import LeaveTypeAdmin

__all__ = [
    "HolidayAdmin",
    "HolidayCalendarAdmin",
    "LeaveAccountAdmin",
    "LeaveLedgerEntryAdmin",
    "LeaveRequestAdmin",
    "LeaveTypeAdmin",
    "WorkWeekAdmin",
]
