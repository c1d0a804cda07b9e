"""HR's side of the house: what every admin inherits, members, and settings."""

from organizations.admin.base import (
    OrganizationChangeList,
    OrganizationModelAdmin,
    OrganizationTabularInline,
    tell_refusal,
)
from organizations.admin.decorators import action, display
from organizations.admin.forms import RecordForm
from organizations.admin.members import MembershipAdmin
from organizations.admin.settings import OrganizationAdmin

__all__ = [
    "MembershipAdmin",
    "OrganizationAdmin",
    "OrganizationChangeList",
    "OrganizationModelAdmin",
    "OrganizationTabularInline",
    "RecordForm",
    "action",
    "display",
    "tell_refusal",
]
