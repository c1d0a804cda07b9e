"""What owners do with apps, and members with what they allowed them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.oauth.client_secrets import generate_secret, secret_digest
from integrations.oauth.events import OAUTH_APP_SECRET_RENEWED, OAUTH_APP_TAKEN_OVER
from integrations.oauth.issuing import end_grants
from integrations.oauth.models import Application, Consent
from integrations.oauth.models.applications import generate_client_id
from organizations.access import current_access
from organizations.models import Membership, Organization, User
from organizations.security import SecurityKind, tell


class Registered(NamedTuple):
    """An app and its secret, which is shown this once; None where it keeps none."""

    application: Application
    secret: str | None


def register_application(
    organization: Organization, *, owner: User, **fields: Any
) -> Registered:
    """Add an app; its owner answers for it.

    Raises:
        ValidationError: for addresses and scopes that it must not have, and for scopes
            that whoever adds it does not hold.
    """
    application = Application(
        organization=organization,
        owner=owner,
        client_id=generate_client_id(),
        **fields,
    )
    secret = generate_secret() if application.keeps_secret else None
    application.secret_digest = secret_digest(secret) if secret else ""
    application.full_clean()
    _refuse_beyond_own(application.allowed_scopes)
    application.save()
    _tell_change(application, "app_registered")
    return Registered(application, secret)


def update_application(application: Application, **changes: Any) -> Application:
    """Change an app. Switching it off needs no more than the right to change apps.

    Raises:
        ValidationError: as `register_application` does, and when its kind would
            change: what it can keep secret is decided once.
        StaleRecord: when someone else was faster.
    """
    before = set(application.allowed_scopes)
    if changes.get("kind", application.kind) != application.kind:
        raise ValidationError(
            {"kind": ValidationError(_("Register another app instead."), code="kind")}
        )
    for field, value in changes.items():
        setattr(application, field, value)
    application.full_clean()
    if set(application.changed_fields()) - {"is_enabled"} or application.is_enabled:
        _refuse_beyond_own(before | set(application.allowed_scopes))
    application.save()
    _tell_change(application, "app_changed")
    return application


def renew_secret(application: Application) -> Registered:
    """Give an app a new secret; the old one ends at once.

    Raises:
        ValidationError: for an app that keeps no secret, or that may more than whoever
            asks.
    """
    if not application.keeps_secret:
        raise ValidationError(
            _("An app on people's devices keeps no secret."), code="no_secret"
        )
    _refuse_beyond_own(application.allowed_scopes)
    secret = generate_secret()
    application.secret_digest = secret_digest(secret)
    application.save_as(OAUTH_APP_SECRET_RENEWED)
    _tell_change(application, "secret_renewed")
    return Registered(application, secret)


def take_over_application(application: Application, owner: User) -> Application:
    """Let somebody else answer for an app: it thaws when its owner had left.

    Raises:
        ValidationError: for somebody who is no member, or when it may more than whoever
            asks.
    """
    _refuse_beyond_own(application.allowed_scopes)
    its_members = Membership._base_manager.filter(
        organization=application.organization_id
    )
    if not its_members.filter(user=owner).exists():
        raise ValidationError(_("An owner of an app is a member."), code="not_found")
    application.owner = owner
    application.save_as(OAUTH_APP_TAKEN_OVER)
    _tell_change(application, "app_taken_over")
    return application


@transaction.atomic
def give_consent(
    application: Application, membership: Membership, scopes: Iterable[str]
) -> Consent:
    """Remember what a member allows an app, besides what they allowed before."""
    consent, _is_new = Consent._base_manager.get_or_create(
        membership=membership,
        application=application,
        defaults={"organization_id": application.organization_id, "scopes": []},
    )
    consent = Consent._base_manager.select_for_update().get(pk=consent.pk)
    consent.scopes = sorted({*consent.scopes, *scopes})
    consent.given_at = timezone.now()
    consent.save()
    tell(
        SecurityKind.ACCESS_CHANGED,
        organization_id=application.organization_id,
        actor_type="user",
        actor_id=str(membership.user_id),
        subject=f"oauth_app:{application.pk}",
        reason="consent_given",
        details={"scopes": list(consent.scopes)},
    )
    return consent


@transaction.atomic
def withdraw_consent(application: Application, user: User) -> None:
    """Take back all that a person allowed an app; its tokens end at once."""
    Consent._base_manager.filter(
        application=application, membership__user=user
    ).delete()
    end_grants(
        "consent_withdrawn",
        SecurityKind.TOKEN_REVOKED,
        application=application,
        user=user,
    )


def _refuse_beyond_own(scopes: Iterable[str]) -> None:
    """Let nobody lend an app what they do not hold, nor take one over that may more.

    Else a token that may only manage apps would make itself one that may everything.
    """
    access = current_access()
    beyond = sorted(set(scopes) - access.scopes) if access else []
    if beyond:
        raise ValidationError(
            _("You do not hold: %(scopes)s."),
            code="beyond_own",
            params={"scopes": ", ".join(beyond)},
        )


def _tell_change(application: Application, reason: str) -> None:
    tell(
        SecurityKind.ACCESS_CHANGED,
        organization_id=application.organization_id,
        subject=f"oauth_app:{application.pk}",
        reason=reason,
    )
