"""Tell people what an import would do: as JSON for pages, as lines for a file."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from employees.importing.plan import Difference, Plan, PlannedRow
from employees.models import Employee

#: How many rows of each kind a page lists; the file of lines has all.
MAX_LISTED = 500

LINE_HEADER = ("Row", "Outcome", "Number", "Name", "Field", "Old", "New", "Reason")


def as_report(plan: Plan) -> dict[str, Any]:
    """Give counts, columns and the first rows of each kind, ready for JSON."""
    return {
        "source": plan.mapping.source.label,
        "columns": [
            {
                "letter": column.letter,
                "header": column.header,
                "field": field.value.replace("_", " "),
                "dates": plan.orders.get(column.header),
            }
            for field, column in sorted(
                plan.mapping.columns.items(), key=lambda item: item[1].index
            )
        ],
        "ignored": [
            {
                "letter": ignored.column.letter,
                "header": ignored.column.header,
                "reason": ignored.reason,
            }
            for ignored in plan.mapping.ignored
        ],
        "counts": plan.counts(),
        "added": {
            "departments": [part.name for part in plan.departments],
            "positions": [part.title for part in plan.positions],
            "locations": [part.name for part in plan.locations],
        },
        "new": [_as_entry(row) for row in plan.new[:MAX_LISTED]],
        "changed": [_as_entry(row) for row in plan.changed[:MAX_LISTED]],
        "refused": [
            {
                "row": refusal.row,
                "column": refusal.column,
                "reason": refusal.reason,
            }
            for refusal in plan.refusals[:MAX_LISTED]
        ],
    }


def as_lines(plan: Plan) -> Iterator[Sequence[str]]:
    """Give a line for every difference and refusal, below LINE_HEADER."""
    yield LINE_HEADER
    for refusal in plan.refusals:
        line = (str(refusal.row), "refused", "", "", refusal.column, "", "")
        yield (*line, refusal.reason)
    for row in plan.rows:
        outcome = "new" if row.is_new else "changed"
        person = (row.employee.number, row.employee.name)
        if not row.differences:
            yield (str(row.number), "unchanged", *person, "", "", "", "")
        for difference in row.differences:
            values = (label(difference), difference.old, difference.new)
            yield (str(row.number), outcome, *person, *values, "")


def digest(plan: Plan) -> str:
    """Give a fingerprint that differs when the plan would do something else."""
    return hashlib.sha256(orjson.dumps(list(as_lines(plan)))).hexdigest()


def label(difference: Difference) -> str:
    """Name the field as forms do."""
    return str(Employee._meta.get_field(difference.field).verbose_name)


def _as_entry(row: PlannedRow) -> dict[str, Any]:
    return {
        "row": row.number,
        "number": row.employee.number,
        "name": row.employee.name,
        "differences": [
            {"field": label(difference), "old": difference.old, "new": difference.new}
            for difference in row.differences
        ],
    }
