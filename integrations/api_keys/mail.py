"""Mail to an organization's owners about a key that somebody should look at."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from integrations.api_keys.models import ApiKey, KeyUse
from organizations.models import Membership
from organizations.roles import Role


def send_mail_about(key: ApiKey, what: str) -> None:
    """Send the mail: the key is ``frozen``, a ``canary`` was used, or ``late_use``.

    Raises:
        OSError: when the mail server does not take it.
    """
    subject = _subject(key, what)
    words = {
        "key": key,
        "what": what,
        "sentence": subject,
        "use": KeyUse.objects.filter(key=key).first(),
        "url": f"{settings.PUBLIC_URL}/api-keys/{key.pk}/",
    }
    body = render_to_string("api_keys/email/about.txt", words)
    for address in _owners_of(key):
        EmailMessage(subject, body, None, [address]).send()


def _owners_of(key: ApiKey) -> list[str]:
    members = Membership.objects.filter(
        organization=key.organization_id, role=Role.OWNER, user__is_active=True
    )
    return sorted(members.values_list("user__email", flat=True))


def _subject(key: ApiKey, what: str) -> str:
    sentences = {
        "frozen": _(
            "The API key “%(name)s” is stopped: its owner left, or has a new password"
        ),
        "canary": _("Somebody tried the canary key “%(name)s”"),
        "late_use": _("The replaced API key “%(name)s” is still used, and ends soon"),
    }
    return sentences[what] % {"name": key.name}
