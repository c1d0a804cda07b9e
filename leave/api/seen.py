"""Who sees rows of leave, and how much of them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from employees.api import EmployeeViewSet
from leave.models.queries import whose
from organizations.classes import PERSONAL, PUBLIC
from organizations.reading import Alike, Sight
from organizations.reading.expanding import Expansion
from organizations.viewsets import OrganizationReadViewSet

#: Whoever sees a row of leave at all is the person, their manager or HR.
SEEN = frozenset({PUBLIC, PERSONAL})
WHOLLY = Alike(SEEN)


BOOKKEEPING = {
    "id": "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f",
    "version": 1,
    "created_at": "2026-01-05T08:00:00.000000Z",
    "updated_at": "2026-03-02T09:30:00.000000Z",
}


BY_EMPLOYEE: Mapping[str, Expansion] = {"employee": lambda: EmployeeViewSet}


class SeenViewSet(OrganizationReadViewSet):
    """Rows that are shown wholly to whom they are shown at all."""

    @property
    def sight(self) -> Sight:
        return WHOLLY


def seen(
    rows: QuerySet[Any], view: OrganizationReadViewSet, prefix: str = "employee__"
) -> QuerySet[Any]:
    """Return the rows of oneself and of whom one manages, or all: by the scopes."""
    if getattr(view, "swagger_fake_view", False):
        return rows
    if view.access.allows("leave:read_all"):
        return rows
    return rows.filter(whose(view.access, prefix))
