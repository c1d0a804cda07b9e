"""Which fields of an employee a member sees; a pure rule over classes of fields."""

from collections.abc import Sequence

from employees.models import Employee
from organizations.access import OrganizationAccess
from organizations.classes import PERSONAL, PUBLIC, SENSITIVE, FieldClass


def visible_classes(
    access: OrganizationAccess, employee: Employee, managers: Sequence[Employee]
) -> frozenset[FieldClass]:
    """Return the classes that a member sees of an employee with these managers.

    Everybody sees public fields; personal ones the managers above; both and sensitive
    ones the person and whoever may read them of all.
    """
    if access.user is None:
        return frozenset({PUBLIC})
    is_own = employee.user_id == access.user.pk
    if is_own or access.allows("employees:read_personal"):
        return frozenset({PUBLIC, PERSONAL, SENSITIVE})
    is_above = any(manager.user_id == access.user.pk for manager in managers)
    if is_above and access.allows("employees:read_team"):
        return frozenset({PUBLIC, PERSONAL})
    return frozenset({PUBLIC})
