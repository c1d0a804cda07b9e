"""Work of attendance/ that nobody waits for."""

from celery import shared_task

from attendance import services


@shared_task
def mark_absences() -> None:
    """Run every few minutes by beat: settle the days whose shift has ended."""
    services.mark_absences()


@shared_task
def recompute_stale_days() -> None:
    """Compute anew the days that were marked; beat makes up for a lost wake-up."""
    services.recompute_stale_days()
