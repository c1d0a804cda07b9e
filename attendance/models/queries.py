"""Whose rows an access sees."""

from django.db.models import Q

from organizations.access import OrganizationAccess


def whose(access: OrganizationAccess, prefix: str = "employee__") -> Q:
    """Return the condition of being oneself, somebody whom one manages, or anybody.

    An access that is nobody's and may not read all sees nothing.
    """
    if access.allows("attendance:read_all"):
        return Q()
    if access.user is None:
        return Q(pk__in=[])
    own = Q(**{f"{prefix}user": access.user})
    if not access.allows("attendance:approve"):
        return own
    return own | Q(**{f"{prefix}manager__user": access.user})
