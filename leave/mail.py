"""Mail about requests: to those who decide, and to the person who asked."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from employees.mail import deciders_of, send_to_each
from leave.calendar import amount_in_words
from leave.events import (
    LEAVE_REQUEST_APPROVED,
    LEAVE_REQUEST_CANCELLED,
    LEAVE_REQUEST_DECLINED,
    LEAVE_REQUEST_SUBMITTED,
    LEAVE_REQUEST_WITHDRAWN,
)
from leave.models import LeaveRequest

#: What those who decide are told; everything else is told to the person who asked.
TO_APPROVERS = {LEAVE_REQUEST_SUBMITTED.name, LEAVE_REQUEST_WITHDRAWN.name}


def send_mail_about(leave_request: LeaveRequest, event_type: str) -> None:
    """Send the mail of an event.

    Raises:
        OSError: when the mail server does not take it.
    """
    to = (
        deciders_of(leave_request.employee, "leave:approve_all")
        if event_type in TO_APPROVERS
        else [leave_request.employee.work_email]
    )
    if not to:
        return
    subject = subject_of(leave_request, event_type)
    words = {
        "leave_request": leave_request,
        "amount": amount_in_words(leave_request.charge, leave_request.leave_type.unit),
        "sentence": subject,
        "url": f"{settings.PUBLIC_URL}{_path(leave_request, event_type)}",
    }
    body = render_to_string("leave/email/about.txt", words)
    send_to_each(subject, body, to)


def subject_of(leave_request: LeaveRequest, event_type: str) -> str:
    """Return what happened, in one sentence."""
    sentences = {
        LEAVE_REQUEST_SUBMITTED.name: _("%(name)s asks for leave, %(span)s"),
        LEAVE_REQUEST_WITHDRAWN.name: _("%(name)s no longer asks for leave, %(span)s"),
        LEAVE_REQUEST_APPROVED.name: _("Your leave is approved, %(span)s"),
        LEAVE_REQUEST_DECLINED.name: _("Your leave is declined, %(span)s"),
        LEAVE_REQUEST_CANCELLED.name: _("Your leave is given back, %(span)s"),
    }
    return sentences[event_type] % {
        "name": leave_request.employee.name,
        "span": leave_request.span,
    }


def _path(leave_request: LeaveRequest, event_type: str) -> str:
    if event_type == LEAVE_REQUEST_SUBMITTED.name:
        return "/inbox/"
    return f"/leave/requests/{leave_request.pk}/"
