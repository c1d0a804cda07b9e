"""The mail that tells a new member where to log in."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from organizations.models import Membership, User


def send_invitation(membership: Membership) -> None:
    """Mail a member the address to log in at, or first to choose a password at.

    Raises:
        OSError: when the mail server does not take it.
    """
    user = membership.user
    is_new = not user.has_usable_password()
    words = {
        "organization": membership.organization.name,
        "is_new": is_new,
        "url": _password_url(user) if is_new else f"{settings.PUBLIC_URL}/",
    }
    subject = render_to_string("account/email/invitation_subject.txt", words)
    send_mail(
        subject.strip(),
        render_to_string("account/email/invitation_message.txt", words),
        None,
        [user.email],
    )


def _password_url(user: User) -> str:
    """Return where the user chooses a password; it works once."""
    path = reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )
    return f"{settings.PUBLIC_URL}{path}"
