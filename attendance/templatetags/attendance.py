"""Times of work, as pages write them."""

import datetime as dt
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from django import template
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from attendance.models import AttendanceDay
from attendance.overview import Member, Presence
from attendance.timesheet import DayResult
from organizations.templatetags.people import initials, tone

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
def worked_until(result: DayResult, now: dt.datetime) -> int:
    """Return the whole minutes worked on a day, up to now while somebody is in."""
    return minutes(result.worked_until(now))


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


@register.filter
def team_row(member: Member) -> SafeString:
    """Return the line of one of the team.

    A team has hundreds: drawn by tags, they took half of the page's time.
    """
    employee = member.employee
    return format_html(
        '<li><span class="face {}" aria-hidden="true">{}</span>'
        '<div class="grow"><p><a class="plain strong" href="{}">{}</a></p>'
        '<p class="soft small figure">{}</p></div>{}</li>',
        tone(employee.pk),
        initials(employee.name),
        day_address(member),
        employee.name,
        whereabouts(member),
        _late_chip(member),
    )


def _late_chip(member: Member) -> str | SafeString:
    if not member.is_late:
        return ""
    late = member.result.late_minutes
    words = _("late %(late)s") % {"late": hours(late)} if late else _("late")
    return format_html('<span class="chip warn figure">{}</span>', words)


def whereabouts(member: Member) -> str:
    """Return since when somebody is where they are, how long they worked, and where."""
    shift, zone = member.result.shift, member.zone
    parts = []
    if member.since:
        parts.append(_("since %(since)s") % {"since": clock(member.since, zone)})
        if member.worked_minutes:
            parts.append(hours(member.worked_minutes))
    elif shift and member.presence not in {Presence.LEAVE, Presence.OFF}:
        times = {
            "starts": clock(shift.starts_at, zone),
            "ends": clock(shift.ends_at, zone),
        }
        parts.append(_("shift %(starts)s–%(ends)s") % times)  # noqa: RUF001 (a span)
    if member.employee.location:
        parts.append(member.employee.location.name)
    return " · ".join(parts)


def day_address(member: Member) -> str:
    """Return the address of somebody's day."""
    pattern = _day_address(member.result.on, get_script_prefix())
    return pattern.replace(str(_NOBODY), str(member.employee.pk))


_NOBODY = UUID(int=0)


@lru_cache(maxsize=100)
def _day_address(on: dt.date, script_prefix: str) -> str:
    """Return the address of nobody's day: finding one costs as much as a row."""
    return reverse("attendance:person_day", args=[_NOBODY, on])
