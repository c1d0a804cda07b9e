"""What a member sees of employees."""

from functools import cached_property
from uuid import UUID

from employees.models import Employee
from employees.visibility import EVERYTHING, classes_seen
from organizations.access import OrganizationAccess
from organizations.classes import PUBLIC, FieldClass

PUBLIC_ALONE = frozenset({PUBLIC})


class Visibility:
    """What a member sees of each employee: at most two queries for any number."""

    def __init__(self, access: OrganizationAccess) -> None:
        self.access = access

    @cached_property
    def own_id(self) -> UUID | None:
        """The member's own record as an employee, if there is one."""
        if self.access.user is None:  # a key or an app is nobody
            return None
        employees = Employee.objects.for_organization(self.access.organization)
        own: UUID | None = (
            employees.filter(user=self.access.user).values_list("pk", flat=True).first()
        )
        return own

    @cached_property
    def below(self) -> frozenset[UUID]:
        """All whom the member manages, directly or through others."""
        if self.own_id is None or not self.access.allows("employees:read_team"):
            return frozenset()
        return Employee.objects.all().ids_below(self.own_id)

    @property
    def widest(self) -> frozenset[FieldClass]:
        """What the member sees of anybody."""
        if self.access.allows("employees:read_personal") or self.own_id is not None:
            return EVERYTHING
        return PUBLIC_ALONE

    @property
    def is_same_for_all(self) -> bool:
        """Whether the member sees the same of everybody."""
        return self.access.allows("employees:read_personal") or self.own_id is None

    def of(self, employee_id: UUID) -> frozenset[FieldClass]:
        """Return the classes that the member sees of an employee."""
        if self.access.allows("employees:read_personal"):
            return EVERYTHING
        return classes_seen(
            self.access,
            is_own=employee_id == self.own_id,
            is_above=employee_id in self.below,
        )
