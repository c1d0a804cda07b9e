"""Who acts, for which organization, and what they may do.

One :class:`OrganizationAccess` stands for every credential. It is held in a context
variable for the length of a request, an import or a command, where the fence of
:mod:`organizations.models` and the events of :mod:`organizations.events` read it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from organizations.roles import ROLE_SCOPES, Role

if TYPE_CHECKING:
    from organizations.models import Membership, Organization, User
    from organizations.reach import Reach


class CredentialKind(StrEnum):
    """How a caller shows who they are."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105
    API_KEY = "api_key"
    OAUTH = "oauth"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a caller showed: its kind, the id that logs name it by, and its name.

    ``hourly_quota`` is how many calls an hour it was given by itself, None where the
    installation's limit holds.
    """

    kind: CredentialKind
    id: str
    name: str = ""
    hourly_quota: int | None = None


@dataclass(frozen=True, slots=True)
class OrganizationAccess:
    """The right of one actor to act in one organization.

    ``actor_type`` is ``user`` for people, ``api_key`` for keys, ``oauth_app`` for apps
    that act for themselves, ``import`` or ``system`` for our own doing; ``actor_id`` is
    the user's or the credential's id where there is one. ``scopes`` never exceed those
    of the role of the member that the credential belongs to. ``reach`` is the part of
    the organization that a restricted credential sees and changes; None: all of it.
    """

    organization: "Organization"
    actor_type: str = "system"
    actor_id: str | None = None
    role: Role | None = None
    scopes: frozenset[str] = frozenset()
    user: "User | None" = field(default=None, compare=False)
    credential: Credential | None = None
    reach: "Reach | None" = field(default=None, compare=False)

    def allows(self, scope: str) -> bool:
        """Say whether this access carries the scope."""
        return scope in self.scopes

    @classmethod
    def of(
        cls, membership: "Membership", credential: Credential | None = None
    ) -> "OrganizationAccess":
        """Return what a member may do: the scopes of their role."""
        role = Role(membership.role)
        return cls(
            organization=membership.organization,
            actor_type="user",
            actor_id=str(membership.user_id),
            role=role,
            scopes=ROLE_SCOPES[role],
            user=membership.user,
            credential=credential,
        )


_current: ContextVar[OrganizationAccess | None] = ContextVar(
    "organization_access", default=None
)


def current_access() -> OrganizationAccess | None:
    """Return the access that the running code acts under, if any."""
    return _current.get()


def current_organization_id() -> UUID | None:
    """Return the organization that the fence is drawn around, if any."""
    access = _current.get()
    return access.organization.pk if access else None


def enter(access: OrganizationAccess | None) -> None:
    """Act under ``access`` until the surrounding :func:`acting` block ends.

    For authentication inside a view: the middleware's block is already open.
    """
    _current.set(access)


@contextmanager
def acting(access: OrganizationAccess | None) -> Iterator[None]:
    """Act under ``access``; on leaving, whatever was before holds again."""
    token = _current.set(access)
    try:
        yield
    finally:
        _current.reset(token)
