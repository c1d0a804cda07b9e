"""What employees/ tells the rest of the world; listed in docs/events.md."""

from django.utils.translation import gettext_lazy as _

from employees.models import Department, Employee, Location, Position
from organizations.events import EventType, emit_on_change

EMPLOYEE_CREATED = EventType("employee.created", _("An employee was added."))
EMPLOYEE_UPDATED = EventType("employee.updated", _("An employee's record changed."))
EMPLOYEE_DELETED = EventType("employee.deleted", _("An employee's record was erased."))
EMPLOYEE_TERMINATED = EventType("employee.terminated", _("An employment ended."))
EMPLOYEE_REHIRED = EventType(
    "employee.rehired", _("A former employee was employed again.")
)

# A record speaks for itself however it is saved: admin, page, API, import or shell.
# A decision, such as termination, is one change and so one event, of its own type.
emit_on_change(
    Employee,
    created=EMPLOYEE_CREATED,
    updated=EMPLOYEE_UPDATED,
    deleted=EMPLOYEE_DELETED,
    decided={"status"},
)
emit_on_change(
    Department,
    created=EventType("department.created", _("A department was added.")),
    updated=EventType("department.updated", _("A department changed.")),
    deleted=EventType("department.deleted", _("A department was removed.")),
)
emit_on_change(
    Position,
    created=EventType("position.created", _("A position was added.")),
    updated=EventType("position.updated", _("A position changed.")),
    deleted=EventType("position.deleted", _("A position was removed.")),
)
emit_on_change(
    Location,
    created=EventType("location.created", _("A location was added.")),
    updated=EventType("location.updated", _("A location changed.")),
    deleted=EventType("location.deleted", _("A location was removed.")),
)
