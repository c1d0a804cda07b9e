"""What beat does for tokens, once a day."""

from celery import shared_task

from organizations.tokens import end_expired_families
from organizations.tokens.keys import rotate_keys


@shared_task
def rotate_signing_keys() -> None:
    """Change the key that signs when its time has come; remove keys that are past."""
    rotate_keys()


@shared_task
def forget_expired_sessions() -> None:
    """Delete the rows of API sessions that have expired."""
    end_expired_families()
