"""Which fields of an employee a member sees; a pure rule over classes of fields."""

from collections.abc import Sequence

from employees.models import Employee
from organizations.access import OrganizationAccess
from organizations.classes import PERSONAL, PUBLIC, SENSITIVE, FieldClass

EVERYTHING = frozenset({PUBLIC, PERSONAL, SENSITIVE})


def visible_classes(
    access: OrganizationAccess, employee: Employee, managers: Sequence[Employee]
) -> frozenset[FieldClass]:
    """Return the classes that a member sees of an employee with these managers."""
    me = access.user and access.user.pk
    return classes_seen(
        access,
        is_own=me is not None and employee.user_id == me,
        is_above=me is not None and any(manager.user_id == me for manager in managers),
    )


def classes_seen(
    access: OrganizationAccess, *, is_own: bool, is_above: bool
) -> frozenset[FieldClass]:
    """Return the classes that a member sees of themselves, or of one they manage.

    Everybody sees public fields; personal ones the managers above; both and sensitive
    ones the person and whoever may read them of all.
    """
    if is_own or access.allows("employees:read_personal"):
        return EVERYTHING
    if is_above and access.allows("employees:read_team"):
        return frozenset({PUBLIC, PERSONAL})
    return frozenset({PUBLIC})
