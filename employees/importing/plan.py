"""What a file would change: the result of planning, before anything is written."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from employees.importing.dates import DateOrder
from employees.importing.decisions import Decision
from employees.importing.headers import ColumnMapping, Field
from employees.importing.values import Refusal
from employees.models import Department, Employee, Location, Position
from organizations.models import Organization

PLAIN = (
    Field.NUMBER,
    Field.FIRST_NAME,
    Field.MIDDLE_NAME,
    Field.LAST_NAME,
    Field.PREFERRED_NAME,
    Field.WORK_EMAIL,
    Field.WORK_PHONE,
    Field.HOME_EMAIL,
    Field.MOBILE_PHONE,
    Field.BORN_ON,
    Field.GENDER,
    Field.EMPLOYMENT_TYPE,
    Field.HIRED_ON,
)
PARTS = (Field.DEPARTMENT, Field.POSITION, Field.LOCATION)

#: The fields that an import writes itself; decisions are taken by services.
WRITTEN = tuple(field.value for field in (*PLAIN, *PARTS, Field.MANAGER))


class Difference(NamedTuple):
    """A field that a row sets or changes, old and new as people read them."""

    field: str
    old: str
    new: str


@dataclass(slots=True)
class PlannedRow:
    """A row and its employee, who carries the new values but is not saved.

    `decision` is taken by a service after the values are written; somebody new comes
    with it at once.
    """

    number: int
    employee: Employee
    is_new: bool
    differences: list[Difference] = field(default_factory=list)
    decision: Decision = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would change; refused rows are not among `rows`."""

    organization: Organization
    mapping: ColumnMapping
    orders: Mapping[str, DateOrder | None]
    rows: list[PlannedRow]
    refusals: list[Refusal]
    departments: list[Department]
    positions: list[Position]
    locations: list[Location]

    @property
    def new(self) -> list[PlannedRow]:
        return [row for row in self.rows if row.is_new]

    @property
    def changed(self) -> list[PlannedRow]:
        return [row for row in self.rows if row.differences and not row.is_new]

    @property
    def unchanged(self) -> list[PlannedRow]:
        return [row for row in self.rows if not row.differences and not row.is_new]

    def counts(self) -> dict[str, int]:
        """Count the rows by what would happen to them."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": len(self.unchanged),
            "refused": len({refusal.row for refusal in self.refusals}),
        }


def shown(value: object) -> str:
    """Write a value as people read it in a report."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else str(value)
