"""What a token allows now, and the sessions that a person may look at and end."""

from django.db.models import QuerySet
from django.utils import timezone

from organizations.access import Credential, CredentialKind, OrganizationAccess
from organizations.models import Organization, TokenFamily, User
from organizations.tokens.errors import InvalidToken
from organizations.tokens.families import (
    NOBODY,
    Client,
    end_family,
)
from organizations.tokens.lookup import holding_membership
from organizations.tokens.signing import read_access


def access_of(access: str) -> OrganizationAccess:
    """Return what an access token allows now; one query.

    Raises:
        InvalidToken: when it does not hold, or no longer.
    """
    claims = read_access(access)
    membership = holding_membership(claims)
    if membership is None:
        raise InvalidToken
    credential = Credential(CredentialKind.TOKEN, str(claims.family_id))
    return OrganizationAccess.of(membership, credential)


def sessions_of(
    user: User, organization: Organization | None = None
) -> QuerySet[TokenFamily]:
    """Return a person's sessions of the API, in one or in every organization.

    Those that a changed password has ended are left out, the last used come first.
    """
    rows = TokenFamily._base_manager.select_related("membership__organization").filter(
        membership__user=user,
        password_stamp=user.get_session_auth_hash(),
        expires_at__gt=timezone.now(),
        organization__closed_at__isnull=True,
    )
    if organization is not None:
        rows = rows.filter(organization=organization)
    return rows.order_by("-last_used_at", "pk")


def end_sessions(families: QuerySet[TokenFamily], client: Client = NOBODY) -> int:
    """End these sessions at once; return how many there were."""
    return sum(
        end_family(family, client, reason="ended_by_owner") for family in families
    )
