from organizations.models.fence import (
    FencedManager,
    OrganizationOwned,
    OrganizationQuerySet,
)
from organizations.models.keys import SigningKey
from organizations.models.organizations import Organization
from organizations.models.people import Membership, User
from organizations.models.querysets import RecordQuerySet, StaleRecord
from organizations.models.records import OrganizationRecord
from organizations.models.tokens import TokenFamily

__all__ = [
    "FencedManager",
    "Membership",
    "Organization",
    "OrganizationOwned",
    "OrganizationQuerySet",
    "OrganizationRecord",
    "RecordQuerySet",
    "SigningKey",
    "StaleRecord",
    "TokenFamily",
    "User",
]
