"""Work of employees/ that nobody waits for."""

from uuid import UUID

from celery import shared_task

from employees import services
from employees.importing.services import apply_import


@shared_task
def end_due_employments() -> None:
    """Run hourly by beat: end the employments whose last day has passed."""
    services.end_due_employments()


@shared_task
def apply_employee_import(import_id: str) -> None:
    """Write an import that somebody has started; run twice, it is written once."""
    apply_import(UUID(import_id))
