"""Tell people what an import would do: as JSON for pages, as lines for a file."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import orjson

from employees.importing.plan import Difference, Plan, PlannedRow
from employees.models import Employee

#: How many rows of each kind a page lists; the file of lines has all.
MAX_LISTED = 500

LABELS = {field.name: field.verbose_name for field in Employee._meta.concrete_fields}
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


class Writable(Protocol):
    """What CSV can be written to: a file, or a response."""

    def write(self, text: str, /) -> object: ...


def write_lines(file: Writable, plan: Plan) -> None:
    """Write the lines as CSV that a spreadsheet takes as text, not as formulas."""
    writer = csv.writer(file)
    for line in as_lines(plan):
        writer.writerow([_as_text(cell) for cell in line])


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def digest(plan: Plan) -> str:
    """Give a fingerprint of what the plan would write to whom."""
    rows = [
        (row.number, row.employee.name, [tuple(one) for one in row.differences])
        for row in plan.rows
    ]
    return hashlib.sha256(orjson.dumps(rows)).hexdigest()


def label(difference: Difference) -> str:
    """Name the field as forms do."""
    return str(LABELS[difference.field])


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


def describe(plan: Plan, *, shown: int) -> Iterator[str]:
    """Tell a plan in sentences: all refusals, and the first `shown` people."""
    counts = plan.counts()
    total = counts["refused"] + len(plan.rows)
    rows = "row" if total == 1 else "rows"
    yield f"{total} {rows}, as {plan.mapping.source.label} writes them."
    yield f"Used: {', '.join(_columns(plan))}."
    if plan.mapping.ignored:
        ignored = (
            f"“{one.column.header or one.column.letter}” ({one.reason})"
            for one in plan.mapping.ignored
        )
        yield f"Not used: {', '.join(ignored)}."
    for kind, names in as_report(plan)["added"].items():
        if names:
            yield f"Added {kind}: {', '.join(names)}."
    if plan.locations:
        zone = plan.organization.time_zone
        yield f"Added locations get the time zone {zone}; correct it where it is not."
    yield from _describe_rows(plan, shown)
    yield ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) + "."


def _columns(plan: Plan) -> Iterator[str]:
    for column in as_report(plan)["columns"]:
        dates = f" as {column['dates']}" if column["dates"] else ""
        yield f"“{column['header']}” ({column['field']}{dates})"


def _describe_rows(plan: Plan, shown: int) -> Iterator[str]:
    people = [*plan.changed, *plan.new]
    for row in people[:shown]:
        outcome = "new" if row.is_new else "changed"
        yield f"  Row {row.number}, {outcome}: {row.employee.name}"
        for one in row.differences:
            old = "" if row.is_new else f"{one.old or 'nothing'} → "
            yield f"      {label(one)}: {old}{one.new or 'nothing'}"
    if len(people) > shown:
        yield f"  … and {len(people) - shown} more."
    for refusal in plan.refusals:
        column = f", column “{refusal.column}”" if refusal.column else ""
        yield f"  Row {refusal.row}{column}, refused: {refusal.reason}."
