import datetime as dt
import io
import zipfile
from typing import Any

import openpyxl
import pytest

from employees.importing import reading
from employees.importing.errors import UnusableFileError
from employees.importing.reading import Row, read_table

HEADER = ("Employee #", "Last Name", "Location")


def workbook(*records: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for record in records:
        book.active.append(record)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"], ids=str
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semi", "tab"])
def test_csv_is_read_in_every_encoding_and_delimiter(encoding, delimiter):
    lines = [HEADER, ("7", "Müßig-Ångström", "Zürich €")]
    text = "\r\n".join(delimiter.join(line) for line in lines)

    table = read_table(text.encode(encoding))

    assert table.header == HEADER
    assert table.rows == (Row(2, ("7", "Müßig-Ångström", "Zürich €")),)


def test_row_numbers_are_those_of_a_spreadsheet():
    text = 'Name,Note\n\nAda,"first\nsecond\nthird"\n , \nBen,x\n'

    table = read_table(text.encode())

    assert table.rows == (
        Row(3, ("Ada", "first\nsecond\nthird")),
        Row(5, ("Ben", "x")),
    )


def test_the_header_may_stand_below_empty_rows():
    table = read_table(b"\n,,\nName,Email\nAda,ada@example.com\n")

    assert table.header == ("Name", "Email")
    assert [row.number for row in table.rows] == [4]


def test_a_delimiter_inside_quotes_does_not_count():
    table = read_table(b'"Last, First";Number\n"Okafor, Miriam";7\n')

    assert table.rows == (Row(2, ("Okafor, Miriam", "7")),)


def test_short_rows_are_filled_and_long_rows_say_so():
    table = read_table(b"a,b,c\n1\n1,2,3,,5,6\n")

    assert table.rows == (Row(2, ("1", "", "")), Row(3, ("1", "2", "3"), surplus=2))


def test_workbook_dates_are_dates_and_whole_numbers_have_no_point():
    at_noon = dt.datetime.combine(dt.date(2021, 3, 4), dt.time(12))
    content = workbook(
        ["Employee #", "Hire Date", "Seen", "Rate"],
        [1001.0, dt.date(2020, 1, 2), at_noon, 12.5],
    )

    table = read_table(content)

    assert table.rows == (
        Row(2, ("1001", dt.date(2020, 1, 2), dt.date(2021, 3, 4), "12.5")),
    )


def test_workbook_rows_are_numbered_as_shown_even_below_empty_ones():
    book = openpyxl.Workbook()
    book.active["B3"], book.active["C3"] = "Name", "Email"
    book.active["B5"], book.active["C5"] = "Ada", "ada@example.com"

    table = read_table(saved(book))

    assert table.header == ("", "Name", "Email")
    assert table.rows == (Row(5, ("", "Ada", "ada@example.com")),)


def test_hidden_sheets_are_passed_over():
    book = openpyxl.Workbook()
    book.active.title = "lists"
    book.active.append(["Berlin"])
    book.active.sheet_state = "hidden"
    people = book.create_sheet("people")
    people.append(["Name"])
    people.append(["Ada"])
    book.active = people

    assert read_table(saved(book)).rows == (Row(2, ("Ada",)),)


def test_a_stray_cell_at_the_far_corner_is_refused_before_it_takes_all_memory():
    book = openpyxl.Workbook()
    book.active["A1"] = "Name"
    book.active["XFD1048576"] = "stray"

    with pytest.raises(
        UnusableFileError, match="row 1,048,576 and column 16,384"
    ) as caught:
        read_table(saved(book))

    assert caught.value.code == "too_large"


def test_a_workbook_that_unpacks_too_far_is_refused(monkeypatch):
    monkeypatch.setattr("employees.importing.workbook.MAX_UNPACKED_BYTES", 1000)

    with pytest.raises(UnusableFileError, match="unpacks to more") as caught:
        read_table(workbook(["Name"], ["Ada"]))

    assert caught.value.code == "too_large"


def other_archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("readme.txt", "no sheet")
    return content.getvalue()


def damaged_workbook() -> bytes:
    content = workbook(["Name"], ["Ada"])
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"Name,Email\n", "empty"),
        (b"\n , \n", "empty"),
        (b"Name\nAda\x00\n", "not_text"),
        (b"Name\n\x81\x8d\n", "encoding"),
        (b'Name,Email\n"Ada,ada@example.com\n', "malformed_csv"),
        (b"\xd0\xcf\x11\xe0 old", "old_excel"),
        (other_archive(), "not_a_workbook"),
        (damaged_workbook(), "malformed_workbook"),
    ],
)
def test_a_file_that_can_not_be_used_says_why(content, code):
    with pytest.raises(UnusableFileError) as caught:
        read_table(content)

    assert caught.value.code == code


@pytest.mark.parametrize(
    "limit", ["MAX_BYTES", "MAX_ROWS", "MAX_COLUMNS", "MAX_RECORDS"]
)
def test_files_are_bounded(monkeypatch, limit):
    monkeypatch.setattr(reading, limit, 1)

    with pytest.raises(UnusableFileError) as caught:
        read_table(b"a,b\n1,2\n3,4\n")

    assert caught.value.code == "too_large"
