"""The rules of leave; every face calls them."""

from leave.refusals import YearCost
from leave.services.decisions import (
    Decided,
    approve_leave,
    cancel_leave,
    decline_leave,
    may_decide,
    withdraw_leave,
)
from leave.services.entitlements import (
    adjust_balance,
    grant_leave,
    grant_year,
)
from leave.services.history import GrantedLeave, record_leave
from leave.services.holidays import (
    HolidayPlan,
    import_holidays,
    plan_holidays,
    remove_holiday,
    save_holiday,
)
from leave.services.requests import (
    Preview,
    preview_request,
    request_leave,
)

__all__ = [
    "Decided",
    "GrantedLeave",
    "HolidayPlan",
    "Preview",
    "YearCost",
    "adjust_balance",
    "approve_leave",
    "cancel_leave",
    "decline_leave",
    "grant_leave",
    "grant_year",
    "import_holidays",
    "may_decide",
    "plan_holidays",
    "preview_request",
    "record_leave",
    "remove_holiday",
    "request_leave",
    "save_holiday",
    "withdraw_leave",
]
