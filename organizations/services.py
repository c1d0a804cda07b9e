"""Who belongs to which organization."""

import datetime as dt

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.access import current_access
from organizations.models import Membership, Organization, User
from organizations.roles import Role


def memberships_of(user: User) -> QuerySet[Membership]:
    """Return the memberships of a user in every open organization, oldest first.

    Unfenced on purpose: choosing an organization means seeing all of one's own.
    """
    return (
        Membership._base_manager.filter(user=user, organization__closed_at__isnull=True)
        .select_related("organization")
        .order_by("created_at", "pk")
    )


@transaction.atomic
def create_organization(
    *, name: str, slug: str, country: str, time_zone: str, owner_email: str
) -> Organization:
    """Open an organization with its first owner.

    Raises:
        ValidationError: on the field that breaks a rule.
    """
    organization = Organization(
        name=name, slug=slug, country=country, time_zone=time_zone
    )
    organization.full_clean()
    organization.save()
    add_member(organization, email=owner_email, role=Role.OWNER)
    return organization


@transaction.atomic
def add_member(organization: Organization, *, email: str, role: Role) -> Membership:
    """Make a user a member; an address that is new gets a user without a password.

    Raises:
        ValidationError: when they are a member already, or when somebody who is no
            owner would make an owner.
    """
    if role == Role.OWNER:
        _refuse_to_others_than_owners()
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        user = User(email=email.strip().lower())
        user.set_unusable_password()
        user.full_clean(exclude=["password"])
        user.save()
    membership = Membership(organization=organization, user=user, role=role)
    membership.full_clean()
    membership.save()
    return membership


@transaction.atomic
def change_role(membership: Membership, role: Role) -> Membership:
    """Give a member another role.

    Raises:
        ValidationError: when the organization would be left without an owner, or when
            somebody who is no owner would make or unmake one.
    """
    _guard_owners(membership, role)
    membership.role = role
    membership.full_clean()
    membership.save()
    return membership


@transaction.atomic
def remove_member(membership: Membership) -> None:
    """End a membership; the user stays.

    Raises:
        ValidationError: when the organization would be left without an owner, or when
            somebody who is no owner would remove one.
    """
    _guard_owners(membership, None)
    membership.delete()


def _guard_owners(membership: Membership, role: Role | None) -> None:
    """Let owners alone make and unmake owners, and keep at least one.

    The owners are locked, so that the last two cannot leave at once.
    """
    locked = Membership._base_manager.select_for_update(of=("self",)).filter(
        organization_id=membership.organization_id, role=Role.OWNER
    )
    owners = {owner.pk for owner in locked}
    if (role == Role.OWNER) != (membership.pk in owners):
        _refuse_to_others_than_owners()
    if role != Role.OWNER and owners == {membership.pk}:
        raise ValidationError(
            _("The organization keeps at least one owner. Make somebody else one."),
            code="last_owner",
        )


def end_expired_sessions() -> int:
    """Delete the sessions of pages that are past; return how many.

    What was noted of them goes as well, and of those that ended otherwise: a day later,
    as a login writes its note apart from its session.
    """
    now = timezone.now()
    ended = Session.objects.filter(expire_date__lte=now).delete()[0]
    its_session = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(
        ~Exists(its_session), last_seen_at__lt=now - dt.timedelta(days=1)
    ).delete()
    return ended


def _refuse_to_others_than_owners() -> None:
    """Keep members from raising themselves; our own code, with no role, may."""
    access = current_access()
    if access and access.role and access.role != Role.OWNER:
        raise ValidationError(
            _("Only an owner decides who is an owner."), code="owner_only"
        )
