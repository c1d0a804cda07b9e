import datetime as dt

import pytest

from employees.importing.dates import DateOrder
from employees.importing.headers import Field, map_headers
from employees.importing.reading import Row
from employees.importing.values import ParsedRow, Refusal, parse_row


def parse(**cells: str | dt.date) -> ParsedRow:
    """Read one row whose headers are our own field names."""
    mapping = map_headers(("number", *(name.replace("__", ":") for name in cells)))
    orders = dict.fromkeys(cells, DateOrder.MONTH_FIRST)
    return parse_row(Row(7, ("1", *cells.values())), mapping, orders)


def test_every_kind_of_cell_is_read():
    parsed = parse(
        first_name=" Ana  Maria ",
        work_email="ana@example.com",
        hired_on="03/01/2024",
        born_on=dt.date(1990, 5, 6),
        gender="Female",
        employment_type="Part-Time",
        status="Inactive",
        manager="Okafor, Miriam",
    )

    assert parsed.refusals == []
    assert parsed.values == {
        "number": "1",
        "first_name": "Ana Maria",
        "work_email": "ana@example.com",
        "hired_on": dt.date(2024, 3, 1),
        "born_on": dt.date(1990, 5, 6),
        "gender": "female",
        "employment_type": "part_time",
        "status": "terminated",
        "manager": "Okafor, Miriam",
    }


def test_empty_cells_and_empty_dates_say_nothing():
    parsed = parse(first_name="", hired_on="0000-00-00", born_on="", status="")

    assert parsed.values == {"number": "1"}
    assert parsed.refusals == []


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("work_email", "ana@", "“ana@” is not an e-mail address"),
        ("hired_on", "02/30/2024", "“02/30/2024” is no day of the calendar"),
        ("status", "Parked", "“Parked” is not known; write one of: Active, Terminated"),
        (
            "employment_type",
            "Wizard",
            (
                "“Wizard” is not known; write one of: Full time, Part time, "
                "Temporary, Intern, Contractor"
            ),
        ),
        (
            "gender",
            "??",
            "“??” is not known; write one of: Female, Male, Other, Not disclosed",
        ),
        ("full_name", "Madonna", "“Madonna” is not a first and a last name"),
    ],
)
def test_a_cell_that_can_not_be_read_is_refused_with_row_column_and_reason(
    field, text, reason
):
    parsed = parse(**{field: text})

    assert parsed.refusals == [Refusal(7, field, reason)]
    assert parsed.values == {"number": "1"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Full-Time", {Field.EMPLOYMENT_TYPE: "full_time"}),
        ("Contractor", {Field.EMPLOYMENT_TYPE: "contractor"}),
        ("Terminated", {Field.EMPLOYMENT_STATUS: "terminated"}),
    ],
)
def test_bamboohr_mixes_types_and_status_in_one_column(text, values):
    assert parse(employment_status=text).values == {Field.NUMBER: "1", **values}


def test_horilla_writes_the_position_behind_the_role():
    values = parse(job_role="Senior - Software Engineer").values

    assert values == {"number": "1", "position": "Software Engineer"}


def test_a_full_name_fills_both_names():
    assert parse(full_name="Lovelace, Ada").values == {
        "number": "1",
        "full_name": "Lovelace, Ada",
        "first_name": "Ada",
        "last_name": "Lovelace",
    }


def test_cells_beyond_the_last_column_are_told():
    mapping = map_headers(("number", "last_name"))

    parsed = parse_row(Row(3, ("1", "Okafor"), surplus=1), mapping, {})

    assert [refusal.row for refusal in parsed.refusals] == [3]
    assert "1 more filled cells" in parsed.refusals[0].reason
