"""Who belongs to which organization."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

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
        ValidationError: when they are a member already.
    """
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
        ValidationError: when the organization would be left without an owner.
    """
    _keep_an_owner(membership, role)
    membership.role = role
    membership.full_clean()
    membership.save()
    return membership


@transaction.atomic
def remove_member(membership: Membership) -> None:
    """End a membership; the user stays.

    Raises:
        ValidationError: when the organization would be left without an owner.
    """
    _keep_an_owner(membership, None)
    membership.delete()


def _keep_an_owner(membership: Membership, role: Role | None) -> None:
    """Lock the owners, so that the last two cannot leave at once."""
    if role == Role.OWNER:
        return
    owners = Membership._base_manager.select_for_update(of=("self",)).filter(
        organization_id=membership.organization_id, role=Role.OWNER
    )
    if [owner.pk for owner in owners] == [membership.pk]:
        raise ValidationError(
            _("An organization keeps an owner. Make somebody else an owner first."),
            code="last_owner",
        )
