"""By which parts of an organization a key can be restricted: departments, locations."""

from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from employees.models import Department
from organizations import reach


def departments_below(
    organization_id: UUID, chosen: frozenset[UUID]
) -> frozenset[UUID]:
    """Return departments with all that are part of them; one query."""
    table = Department._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE below (id) AS (
                SELECT id FROM {table}
                WHERE organization_id = %s AND id = ANY(%s)
                UNION
                SELECT part.id FROM {table} AS part
                JOIN below ON part.parent_id = below.id
            )
            SELECT id FROM below
            """,  # noqa: S608 (the table's own name)
            [organization_id, list(chosen)],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def register() -> None:
    """Let keys be restricted by where people work."""
    reach.register(
        reach.Dimension(
            "departments",
            _("Departments, with those below"),
            "employees.Department",
            departments_below,
        )
    )
    reach.register(reach.Dimension("locations", _("Locations"), "employees.Location"))
