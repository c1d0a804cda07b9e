"""Work about keys that nobody waits for."""

from celery import shared_task

from integrations.api_keys import mail, watching
from integrations.api_keys.models import ApiKey


@shared_task
def mail_about(key_id: str, what: str) -> None:
    """Tell the organization's owners by mail about a key."""
    key = ApiKey.objects.select_related("owner", "organization").get(pk=key_id)
    mail.send_mail_about(key, what)


@shared_task
def watch_keys() -> None:
    """Run by beat: alarm about late use, and stop keys whose owner is gone."""
    for key in watching.tell_late_uses():
        mail_about.apply_async((str(key.pk), "late_use"), retry=False)
    watching.freeze_orphans()
