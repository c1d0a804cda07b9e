"""What integrators may ask about logins, members and the organization itself."""

from organizations.api.key_set import KeySetView
from organizations.api.members import (
    MembershipSerializer,
    MembershipViewSet,
    OrganizationView,
)
from organizations.api.sessions import TokenSessionsView, TokenSessionView
from organizations.api.tokens import (
    TokenObtainView,
    TokenRefreshView,
    TokenRevokeView,
    TokenView,
)

__all__ = [
    "KeySetView",
    "MembershipSerializer",
    "MembershipViewSet",
    "OrganizationView",
    "TokenObtainView",
    "TokenRefreshView",
    "TokenRevokeView",
    "TokenSessionView",
    "TokenSessionsView",
    "TokenView",
]
