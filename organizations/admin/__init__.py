"""HR's side of the house: what every admin inherits, members, and settings."""

from organizations.admin.base import (
    OrganizationModelAdmin,
    OrganizationTabularInline,
    tell_refusal,
)
from organizations.admin.forms import RecordForm
from organizations.admin.members import MembershipAdmin
from organizations.admin.settings import OrganizationAdmin

__all__ = [
    "MembershipAdmin",
    "OrganizationAdmin",
    "OrganizationModelAdmin",
    "OrganizationTabularInline",
    "RecordForm",
    "tell_refusal",
]
