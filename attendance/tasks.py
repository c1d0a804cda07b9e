"""Work of attendance/ that nobody waits for."""

from celery import shared_task

from attendance import mail, services
from attendance.models import Correction


@shared_task
def mark_absences() -> None:
    """Run every few minutes by beat: settle the days whose shift has ended."""
    services.mark_absences()


@shared_task
def recompute_stale_days() -> None:
    """Compute anew the days that were marked; beat makes up for a lost wake-up."""
    services.recompute_stale_days()


@shared_task
def mail_about(correction_id: str, event_type: str) -> None:
    """Tell by mail what became of a correction: to who decides, or to who asked."""
    correction = Correction.objects.select_related("employee__manager").get(
        pk=correction_id
    )
    mail.send_mail_about(correction, event_type)
