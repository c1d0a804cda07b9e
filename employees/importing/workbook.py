"""Read the first sheet of an XLSX workbook."""

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from employees.importing.errors import UnusableFileError

Cell = str | dt.date

MAX_UNPACKED_BYTES = 200 * 1024 * 1024

# Cell and row addresses: <c r="AB12">, <row r="12">.
ADDRESS = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]{0,9})(\d{1,9})""")

UNREADABLE = "This workbook can not be read. Save it again as XLSX or CSV (UTF-8)."


def read_workbook(
    content: bytes, *, max_rows: int, max_columns: int
) -> list[list[Cell]]:
    """Give every record of the first visible sheet, empty ones included.

    Dates come as dates, whole numbers without a decimal point. The bounds are checked
    before the reader sees the sheet: it makes room for the whole rectangle up to
    the farthest cell, so one stray cell could take all memory.
    """
    _check_bounds(content, max_rows, max_columns)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            sheet = workbook.get_sheet_by_name(_first_visible(workbook))
            records = sheet.to_python(skip_empty_area=False)
    except PasswordError as error:
        raise UnusableFileError(
            "This workbook is protected by a password. Save it without one.",
            code="password",
        ) from error
    except (CalamineError, OSError) as error:
        raise UnusableFileError(UNREADABLE, code="malformed_workbook") from error
    return [[as_cell(value) for value in record] for record in records]


def _first_visible(workbook: CalamineWorkbook) -> str:
    """Name the sheet that a person sees on opening the workbook's first tab."""
    visible = (
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet
        and sheet.visible == SheetVisibleEnum.Visible
    )
    return next(visible, workbook.sheet_names[0])


def as_cell(value: object) -> Cell:
    """Show a value as the sheet does: 1001.0 as "1001", a date as a date."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _check_bounds(content: bytes, max_rows: int, max_columns: int) -> None:
    row, column = 0, 0
    for sheet in _sheets(content):
        for letters, digits in ADDRESS.findall(sheet):
            row = max(row, int(digits))
            column = max(column, column_number(letters))
    if row > max_rows + 1 or column > max_columns:
        raise UnusableFileError(
            f"A sheet of this workbook reaches row {row:,} and column {column:,}; "
            f"{max_rows:,} rows and {max_columns} columns are the most. Delete what "
            "stands far below or to the right, or split the file.",
            code="too_large",
        )


def _sheets(content: bytes) -> Iterator[bytes]:
    """Give the XML of every part that holds cells."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_kind(archive)
            for part in archive.infolist():
                xml = archive.read(part)
                if b"sheetData" in xml:
                    yield xml
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise UnusableFileError(UNREADABLE, code="malformed_workbook") from error


def _check_kind(archive: zipfile.ZipFile) -> None:
    names = {name.lower() for name in archive.namelist()}
    if "xl/workbook.xml" not in names or names & {"xl/workbook.bin", "content.xml"}:
        raise UnusableFileError(
            "This is not an XLSX workbook. Save the sheet as XLSX or CSV (UTF-8) and "
            "upload that.",
            code="not_a_workbook",
        )
    if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED_BYTES:
        raise UnusableFileError(
            f"This workbook unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MB. "
            "Save the employees' sheet alone, or as CSV (UTF-8).",
            code="too_large",
        )


def column_number(letters: bytes) -> int:
    """Count columns from one: A is 1, AA is 27, no letters 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
