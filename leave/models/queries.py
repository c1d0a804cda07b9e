"""Reads of many requests and days, each one query whatever the number of rows."""

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from organizations.access import OrganizationAccess
from organizations.models import OrganizationQuerySet, RecordQuerySet

if TYPE_CHECKING:
    from leave.models.requests import LeaveDay, LeaveRequest  # noqa: F401 (in strings)

PENDING = "pending"
APPROVED = "approved"


class LeaveRequestQuerySet(RecordQuerySet["LeaveRequest"]):
    """Leave requests, as lists ask for them."""

    def visible_to(self, access: OrganizationAccess) -> Self:
        """Return one's own, those of whom one manages, or all: by the scopes."""
        if access.allows("leave:read_all"):
            return self
        return self.filter(whose(access))

    def to_decide(self, access: OrganizationAccess) -> Self:
        """Return the pending ones that this access may decide, the oldest first."""
        waiting = self.filter(status=PENDING).order_by("created_at", "id")
        others = waiting.exclude(employee__user=access.user) if access.user else waiting
        if access.allows("leave:approve_all"):
            return others
        if access.user is None or not access.allows("leave:approve"):
            return self.none()
        return others.filter(employee__manager__user=access.user)

    def with_names(self) -> Self:
        """Read the employee, the type and who decided along."""
        return self.select_related("employee__manager", "leave_type", "decided_by")


class LeaveDayQuerySet(OrganizationQuerySet["LeaveDay"]):
    """Days of leave, as calendars ask for them."""

    def live(self) -> Self:
        """Return the days that are asked for or granted."""
        return self.filter(is_live=True)

    def granted(self) -> Self:
        """Return the days of approved requests that were not given back."""
        return self.filter(is_live=True, request__status=APPROVED)

    def between(self, first_on: dt.date, last_on: dt.date) -> Self:
        """Return the days of a span, both ends included."""
        return self.filter(on__range=(first_on, last_on))


def whose(access: OrganizationAccess, prefix: str = "employee__") -> Q:
    """Return the condition of being oneself or somebody whom one manages.

    An access that is nobody's sees nothing.
    """
    if access.user is None:
        return Q(pk__in=[])
    own = Q(**{f"{prefix}user": access.user})
    if not access.allows("leave:approve"):
        return own
    return own | Q(**{f"{prefix}manager__user": access.user})
