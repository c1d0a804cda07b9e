"""What leave/ does when something has happened."""

from functools import partial
from typing import Any

from django.db import transaction

from leave.models import LeaveRequest
from leave.tasks import mail_about
from organizations.events import Occurrence, event_occurred


def connect() -> None:
    """Listen to what the apps tell."""
    event_occurred.connect(
        mail_after_commit, sender=LeaveRequest, dispatch_uid="leave-mail"
    )


def mail_after_commit(
    sender: type[LeaveRequest], occurrences: list[Occurrence], **kwargs: Any
) -> None:
    """Ask a worker for the mail once the change is kept.

    Robust: a broker that is away costs the mail, never the decision.
    """
    for occurrence in occurrences:
        send = partial(
            mail_about.apply_async,
            (str(occurrence.subject_id), occurrence.type),
            retry=False,
        )
        transaction.on_commit(send, robust=True)
