"""What beat does for the door."""

from celery import shared_task

from integrations.gateway import kept_answers


@shared_task
def prune_kept_answers() -> None:
    """Delete the answers of POSTs whose keys are forgotten."""
    kept_answers.prune()
