"""What is open: figures that every app registers, each with the list it counts.

The home page shows them to HR, and the admin's first page to whoever may look there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from employees.models import Employee, EmployeeImport
from employees.open_points import OPEN_POINTS
from organizations.access import OrganizationAccess


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it counts, and the list of what it counts."""

    count: int
    words: str | Promise
    link: str
    urgent: bool = False


#: Yields what an access may see; figures of nothing as well.
Source = Callable[[OrganizationAccess], Iterator[Figure]]

_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Let what ``source`` counts show as open work."""
    _sources[name] = source


def figures_for(access: OrganizationAccess) -> list[Figure]:
    """Return every figure that an access may see, the urgent ones first."""
    found = [figure for source in _sources.values() for figure in source(access)]
    return sorted(found, key=lambda figure: not figure.urgent)


def listed(name: str, **filters: str) -> str:
    """Return the address of an admin list, narrowed."""
    return f"{reverse(name)}?{urlencode(filters)}" if filters else reverse(name)


def of_people(access: OrganizationAccess) -> Iterator[Figure]:
    """Yield imports to apply, and people whose record lacks something."""
    if access.allows("employees:import"):
        waiting = EmployeeImport.objects.filter(status=EmployeeImport.Status.PLANNED)
        yield Figure(
            waiting.count(),
            _("imports wait to be applied"),
            listed("admin:employees_employeeimport_changelist"),
        )
    if access.allows("employees:read"):
        counts = Employee.objects.aggregate(
            **{
                name: Count("pk", filter=rule)
                for name, (_words, rule) in OPEN_POINTS.items()
            }
        )
        for name, (words, _rule) in OPEN_POINTS.items():
            yield Figure(
                counts[name],
                words,
                listed("admin:employees_employee_changelist", open=name),
            )
