"""Work of leave/ that nobody waits for."""

from celery import shared_task

from leave import mail
from leave.models import LeaveRequest


@shared_task
def mail_about(request_id: str, event_type: str) -> None:
    """Tell by mail what became of a request: to who decides, or to who asked."""
    leave_request = LeaveRequest.objects.with_names().get(pk=request_id)
    mail.send_mail_about(leave_request, event_type)
