"""What keys do when something has happened: to them, or to who owns them."""

from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_save

from integrations.api_keys import auditing, stamps, using
from integrations.api_keys.events import API_KEY_FROZEN
from integrations.api_keys.models import ApiKey
from integrations.api_keys.services import freeze_keys_by_password, freeze_keys_of
from integrations.api_keys.tasks import mail_about
from organizations.events import Occurrence, event_occurred
from organizations.models import Membership, Organization, User
from organizations.security import SecurityEvent, SecurityKind, security_event_occurred

LEFT = "membership.deleted"


def connect() -> None:
    """Listen to what the apps tell."""
    event_occurred.connect(
        withdraw_after_commit, sender=ApiKey, dispatch_uid="api-key-stamps"
    )
    event_occurred.connect(log_what_happened, sender=ApiKey, dispatch_uid="api-key-log")
    security_event_occurred.connect(mail_about_canary, dispatch_uid="api-key-canaries")
    event_occurred.connect(
        freeze_with_membership, sender=Membership, dispatch_uid="api-key-owners"
    )
    post_save.connect(
        freeze_with_user,
        sender=settings.AUTH_USER_MODEL,
        dispatch_uid="api-key-owners",
    )


def withdraw_after_commit(
    sender: type[ApiKey], occurrences: list[Occurrence], **kwargs: Any
) -> None:
    """See to it that no process accepts a key as it was, however it was changed."""
    changed = [
        str(occurrence.data["key_id"])
        for occurrence in occurrences
        if occurrence.sequence > 1
    ]
    if changed:
        transaction.on_commit(partial(stamps.withdraw, changed))
    for occurrence in occurrences:
        if occurrence.type == API_KEY_FROZEN.name:
            _mail_after_commit(str(occurrence.subject_id), "frozen")


def log_what_happened(
    sender: type[ApiKey], occurrences: list[Occurrence], **kwargs: Any
) -> None:
    """Keep it in the log of integration events."""
    auditing.tell(occurrences)


def mail_about_canary(event: SecurityEvent, **kwargs: Any) -> None:
    """Mail the owners when a canary is used, once an hour; the alarm is each time."""
    if event.kind != SecurityKind.CANARY_USED or event.actor_id is None:
        return
    if using.claim_canary_mail(event.actor_id, event.address):
        _mail_after_commit(event.actor_id, "canary")


def _mail_after_commit(key_id: str, what: str) -> None:
    """Ask a worker for the mail; a broker that is away costs the mail alone."""
    send = partial(mail_about.apply_async, (key_id, what), retry=False)
    transaction.on_commit(send, robust=True)


def freeze_with_membership(
    sender: type[Membership], occurrences: list[Occurrence], **kwargs: Any
) -> None:
    """Stop the keys of a member who left."""
    for occurrence in occurrences:
        if occurrence.type == LEFT:
            owner = User.objects.get(pk=occurrence.data["user"])
            organization = Organization.objects.get(pk=occurrence.organization_id)
            freeze_keys_of(owner, organization)


def freeze_with_user(
    sender: type[User], instance: User, created: bool, **kwargs: Any
) -> None:
    """Stop the keys of a user who was deactivated, or has another password now."""
    if not instance.is_active:
        freeze_keys_of(instance)
    # Django forgets the new password when the row is saved: after this. The same
    # password, hashed anew, is not one.
    elif not created and getattr(instance, "_password", None) is not None:
        freeze_keys_by_password(instance)
