"""Turn a CSV or XLSX file into a table of cells; no database, no HR rule.

Row numbers are those a spreadsheet shows: the file's first record is row 1, empty
records count, and a line break inside a quoted cell does not.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from employees.importing.delimited import read_delimited
from employees.importing.errors import UnusableFileError
from employees.importing.workbook import Cell, read_workbook

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_RECORDS = 4 * MAX_ROWS  # with empty ones

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Row:
    """One record; `cells` has one entry for each header."""

    number: int
    cells: tuple[Cell, ...]
    surplus: int = 0
    """Filled cells beyond the last header: a delimiter was not quoted."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file's header and its records, empty ones left out."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(content: bytes) -> Table:
    """Read a file of at most MAX_BYTES; raises UnusableFileError with what to do."""
    if len(content) > MAX_BYTES:
        raise UnusableFileError(
            f"The file is larger than {MAX_BYTES // 2**20} MB. Split it, or leave "
            "columns out that are not needed.",
            code="too_large",
        )
    return as_table(_read_records(content))


def as_table(records: Iterable[Sequence[Cell]]) -> Table:
    """Take the first filled record as header and the filled ones below as rows."""
    # One more than may be is enough to tell: a small file can hold millions of rows.
    taken = list(itertools.islice(_filled(records), MAX_ROWS + 2))
    if len(taken) < 2:
        raise UnusableFileError(
            "The file holds no employees: its first row names the columns, the rows "
            "below hold one person each.",
            code="empty",
        )
    header = _header(taken[0][1])
    if len(taken) > MAX_ROWS + 1 or len(header) > MAX_COLUMNS:
        raise _too_large()
    return Table(header, tuple(_row(n, cells, len(header)) for n, cells in taken[1:]))


def _filled(records: Iterable[Sequence[Cell]]) -> Iterator[tuple[int, list[Cell]]]:
    """Number the records and leave empty ones out; too many of those are refused."""
    for number, record in enumerate(records, start=1):
        if number > MAX_RECORDS:
            raise _too_large()
        if any(cells := [_stripped(cell) for cell in record]):
            yield number, cells


def _too_large() -> UnusableFileError:
    return UnusableFileError(
        f"The file has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns. Split it, "
        "or leave out what is not needed.",
        code="too_large",
    )


def _read_records(content: bytes) -> Iterable[Sequence[Cell]]:
    if content.startswith(ZIP):
        return read_workbook(content, max_rows=MAX_ROWS, max_columns=MAX_COLUMNS)
    if content.startswith(OLD_EXCEL):
        raise UnusableFileError(
            "This is an old Excel workbook (.xls) or one with a password. Save it as "
            "XLSX without a password, or as CSV (UTF-8), and upload that.",
            code="old_excel",
        )
    return read_delimited(content)


def _stripped(cell: Cell) -> Cell:
    return cell.strip() if isinstance(cell, str) else cell


def _header(cells: Sequence[Cell]) -> tuple[str, ...]:
    header = [" ".join(str(cell).split()) for cell in cells]
    while not header[-1]:
        header.pop()
    return tuple(header)


def _row(number: int, cells: Sequence[Cell], width: int) -> Row:
    padding = [""] * (width - len(cells))
    surplus = sum(1 for cell in cells[width:] if cell)
    return Row(number, (*cells[:width], *padding), surplus)
