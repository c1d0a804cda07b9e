"""Work of employees/ that nobody waits for."""

from celery import shared_task

from employees import services


@shared_task
def end_due_employments() -> None:
    """Run hourly by beat: end the employments whose last day has passed."""
    services.end_due_employments()
