"""What every address of attendance shares: whose rows it shows, and examples."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers

from attendance.models.queries import whose
from employees.api import EmployeeViewSet
from employees.models import Employee
from organizations.access import OrganizationAccess
from organizations.classes import PERSONAL, PUBLIC
from organizations.reading import Alike, Sight
from organizations.reading.expanding import Expansion
from organizations.viewsets import OrganizationReadViewSet

#: Whoever sees a row of attendance at all is the person, their manager or HR.
SEEN = frozenset({PUBLIC, PERSONAL})
WHOLLY = Alike(SEEN)
ID = "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"
EMPLOYEE = "01963a5e-7c2e-7d4a-9a5e-000000000001"
BOOKKEEPING = {
    "id": ID,
    "version": 1,
    "created_at": "2026-11-02T08:00:01.000000Z",
    "updated_at": "2026-11-02T08:00:01.000000Z",
}


BY_EMPLOYEE: Mapping[str, Expansion] = {"employee": lambda: EmployeeViewSet}


class SeenViewSet(OrganizationReadViewSet):
    """Rows of oneself, of whom one manages, or of all, by scope; shown wholly."""

    read_scope = "attendance:read"

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(whose(self.access))

    @property
    def sight(self) -> Sight:
        return WHOLLY


class MomentField(serializers.DateTimeField):
    """A moment with its offset from UTC; without one, nobody knows when it was."""

    default_error_messages = {
        "naive": _("Say the moment with its offset, such as 2026-11-02T09:00:00+01:00.")
    }

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        if timezone.is_naive(value):
            self.fail("naive")
        return value.astimezone(dt.UTC)


def own_employee(access: OrganizationAccess) -> Employee | None:
    """Return the member's own record as an employee, if there is one."""
    if access.user is None:
        return None
    employees = Employee.objects.for_organization(access.organization)
    found = employees.filter(user=access.user).select_related("location")
    own: Employee | None = next(iter(found), None)  # a login is one employee at most
    if own:
        own.organization = access.organization
    return own


def own_employee_or_refuse(access: OrganizationAccess) -> Employee:
    own = own_employee(access)
    if own is None:
        raise exceptions.ValidationError(
            _("Your login belongs to no employee."), code="no_employee"
        )
    return own
