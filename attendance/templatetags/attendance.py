"""Times of work, as pages write them."""

import datetime as dt
from zoneinfo import ZoneInfo

from django import template

from attendance.models import AttendanceDay

register = template.Library()

#: The chip of a status; a word always stands in it.
TONES = {
    "present": "good",
    "partial": "warn",
    "missing_punch": "warn",
    "absent": "bad",
    "leave": "mine",
}


@register.filter
def hours(minutes: int | None) -> str:
    """Return minutes as hours and minutes: 485 is "8:05"."""
    if minutes is None:
        return ""
    return f"{abs(minutes) // 60}:{abs(minutes) % 60:02}"


@register.filter
def signed_hours(minutes: int) -> str:
    """Return minutes with their sign: "+0:30", and "-1:05" with a real minus."""
    sign = "+" if minutes > 0 else "\N{MINUS SIGN}" if minutes < 0 else ""
    return f"{sign}{hours(minutes)}"


@register.filter
def minutes(time: dt.timedelta) -> int:
    """Return the whole minutes of a span of time."""
    return time // dt.timedelta(minutes=1)


@register.filter
def clock(at: dt.datetime | None, zone: ZoneInfo | str) -> str:
    """Return the time that clocks in a zone show: "08:58"."""
    if at is None:
        return ""
    return f"{at.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone):%H:%M}"


@register.filter
def status_label(status: str) -> str:
    """Return a status in words."""
    return str(AttendanceDay.Status(status).label)


@register.filter
def status_tone(status: str) -> str:
    """Return the class of a status's chip."""
    return TONES.get(str(status), "")
