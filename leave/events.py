"""What leave/ tells the rest of the world; listed in docs/events.md."""

from django.utils.translation import gettext_lazy as _

from leave.models import (
    HolidayCalendar,
    LeaveAccount,
    LeaveRequest,
    LeaveType,
    WorkWeek,
)
from organizations.events import EventType, emit_by_decision, emit_on_change

LEAVE_REQUEST_SUBMITTED = EventType(
    "leave_request.submitted", _("Leave was asked for.")
)
LEAVE_REQUEST_WITHDRAWN = EventType(
    "leave_request.withdrawn", _("A request was taken back before it was decided.")
)
LEAVE_REQUEST_APPROVED = EventType("leave_request.approved", _("Leave was granted."))
LEAVE_REQUEST_DECLINED = EventType("leave_request.declined", _("Leave was declined."))
LEAVE_REQUEST_CANCELLED = EventType(
    "leave_request.cancelled", _("Granted leave, or the rest of it, was given back.")
)
LEAVE_BALANCE_CHANGED = EventType(
    "leave_balance.changed", _("Something was posted to somebody's leave balance.")
)
HOLIDAY_CALENDAR_CHANGED = EventType(
    "holiday_calendar.changed", _("A holiday calendar, or its days, changed.")
)

# Requests are written by the services of leave alone, each of which tells its decision.
emit_by_decision(LeaveRequest)
# A calendar says the same however it changes; `changed_days` names the days.
emit_on_change(
    HolidayCalendar,
    created=HOLIDAY_CALENDAR_CHANGED,
    updated=HOLIDAY_CALENDAR_CHANGED,
    deleted=HOLIDAY_CALENDAR_CHANGED,
)
# A balance is opened and posted to; nothing else ever happens to it.
emit_on_change(
    LeaveAccount,
    created=LEAVE_BALANCE_CHANGED,
    updated=LEAVE_BALANCE_CHANGED,
    deleted=LEAVE_BALANCE_CHANGED,
)
emit_on_change(
    LeaveType,
    created=EventType("leave_type.created", _("A leave type was added.")),
    updated=EventType("leave_type.updated", _("A leave type changed.")),
    deleted=EventType("leave_type.deleted", _("A leave type was removed.")),
)
emit_on_change(
    WorkWeek,
    created=EventType("work_week.created", _("A work week was added.")),
    updated=EventType("work_week.updated", _("A work week changed.")),
    deleted=EventType("work_week.deleted", _("A work week was removed.")),
)
