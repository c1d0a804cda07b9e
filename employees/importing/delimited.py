"""Read CSV text in the encodings and delimiters that people's programs write."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from employees.importing.errors import UnusableFileError

SEARCHED_RECORDS = 1000  # for the header, which tells the delimiter
DELIMITERS = (",", ";", "\t")


def read_delimited(content: bytes) -> Iterator[list[str]]:
    """Give every record of the file, empty ones included, as text cells."""
    text = decode(content)
    if "\x00" in text:
        raise UnusableFileError(
            "This is not a text file. Save the sheet as CSV (UTF-8) or XLSX and "
            "upload that.",
            code="not_text",
        )
    return _records(text, find_delimiter(text))


def decode(content: bytes) -> str:
    """Decode UTF-8 and UTF-16 with a byte order mark, else UTF-8, else CP1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode_strictly(content, "utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode_strictly(content, "cp1252")


def find_delimiter(text: str) -> str:
    """Choose the delimiter that cuts the first filled record into most cells."""

    def width(delimiter: str) -> int:
        # Not strict: only the right delimiter has to make sense of the quotes.
        lines = io.StringIO(text, newline="")
        records = islice(csv.reader(lines, delimiter=delimiter), SEARCHED_RECORDS)
        try:
            return len(next((record for record in records if any(record)), []))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=width)


def _decode_strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnusableFileError(
            "The file's characters are neither UTF-8 nor Windows-1252. Save it again "
            "as CSV (UTF-8).",
            code="encoding",
        ) from error


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise UnusableFileError(
            f"Line {reader.line_num} of the file can not be read as CSV ({error}). "
            "Look for a quotation mark that is not closed or not doubled.",
            code="malformed_csv",
        ) from error
