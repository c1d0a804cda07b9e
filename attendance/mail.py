"""Mail about corrections: to those who decide, and to the person who asked."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from attendance.events import (
    CORRECTION_APPROVED,
    CORRECTION_DECLINED,
    CORRECTION_SUBMITTED,
    CORRECTION_WITHDRAWN,
)
from attendance.models import Correction
from employees.mail import deciders_of, send_to_each

#: What those who decide are told; everything else is told to the person who asked.
TO_DECIDERS = {CORRECTION_SUBMITTED.name, CORRECTION_WITHDRAWN.name}


def send_mail_about(correction: Correction, event_type: str) -> None:
    """Send the mail of an event.

    Raises:
        OSError: when the mail server does not take it.
    """
    is_for_deciders = event_type in TO_DECIDERS
    to = (
        deciders_of(correction.employee, "attendance:approve_all")
        if is_for_deciders
        else [correction.employee.work_email]
    )
    subject = subject_of(correction, event_type)
    body = render_to_string(
        "attendance/email/about.txt",
        {
            "correction": correction,
            "lines": correction.punches.all(),
            "sentence": subject,
            "shows_reason": is_for_deciders,
            "url": f"{settings.PUBLIC_URL}{_path(correction, event_type)}",
        },
    )
    send_to_each(subject, body, to)


def subject_of(correction: Correction, event_type: str) -> str:
    """Return what happened, in one sentence."""
    sentences = {
        CORRECTION_SUBMITTED.name: _("%(name)s asks to correct %(day)s"),
        CORRECTION_WITHDRAWN.name: _("%(name)s no longer asks to correct %(day)s"),
        CORRECTION_APPROVED.name: _("Your correction of %(day)s is approved"),
        CORRECTION_DECLINED.name: _("Your correction of %(day)s is declined"),
    }
    return sentences[event_type] % {
        "name": correction.employee.name,
        "day": date_format(correction.on, "j F Y"),
    }


def _path(correction: Correction, event_type: str) -> str:
    """Return where it is decided, or the day as the one who is told sees it."""
    if event_type == CORRECTION_SUBMITTED.name:
        return "/inbox/"
    if event_type == CORRECTION_WITHDRAWN.name:
        return f"/time/people/{correction.employee_id}/{correction.on}/"
    return f"/time/{correction.on}/"
