"""What beat does for sessions and the keys that sign their tokens."""

from celery import shared_task

from organizations.services import end_expired_sessions
from organizations.tokens import end_expired_families
from organizations.tokens.keys import rotate_keys


@shared_task
def rotate_signing_keys() -> None:
    """Change the key that signs when its time has come; remove keys that are past."""
    rotate_keys()


@shared_task
def forget_expired_sessions() -> None:
    """Delete the sessions, of the API and of pages, that have expired."""
    end_expired_families()
    end_expired_sessions()
