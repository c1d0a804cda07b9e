import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from employees.importing.dates import DateOrder, decide_orders, parse_date
from employees.importing.errors import UnusableFileError

MONTH_FIRST, DAY_FIRST = DateOrder.MONTH_FIRST, DateOrder.DAY_FIRST


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2024-03-01", None),
        ("2024/3/1", None),
        ("2024-03-01 00:00:00", None),
        ("2024-03-01T09:30:00.000Z", None),
        ("2024-03-01T09:30:00+02:00", None),
        ("01.03.2024", None),
        ("1.3.2024", None),
        ("03/01/2024", MONTH_FIRST),
        ("3-1-2024", MONTH_FIRST),
        ("01/03/2024", DAY_FIRST),
        ("1/3/2024 12:00", DAY_FIRST),
    ],
)
def test_the_first_of_march_in_every_format(text, order):
    assert parse_date(text, order) == dt.date(2024, 3, 1)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)))
def test_every_date_is_read_back_from_every_format(date):
    assert parse_date(date.isoformat(), None) == date
    assert parse_date(f"{date:%d.%m.}{date.year}", None) == date
    assert parse_date(f"{date:%m/%d/}{date.year}", MONTH_FIRST) == date
    assert parse_date(f"{date:%d/%m/}{date.year}", DAY_FIRST) == date


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "01/03/24",
        "2024-13-01",
        "30.02.2024",
        "31/04/2024",
        "01/02-2024",
        "0001-01-01",
        "2024-03-01x",
        "\N{ARABIC-INDIC DIGIT ONE}1.03.2024",
    ],
)
def test_what_is_no_date_is_refused_with_the_text(text):
    with pytest.raises(ValueError, match=f"“{text}”"):
        parse_date(text, DAY_FIRST)


def test_one_day_beyond_twelve_decides_for_its_whole_column():
    columns = {"Hire Date": ["03/04/2024", "13/04/2024"], "Born": ["04/13/1990"]}

    assert decide_orders(columns) == {"Hire Date": DAY_FIRST, "Born": MONTH_FIRST}


def test_an_ambiguous_column_is_asked_about():
    with pytest.raises(UnusableFileError, match="“Hire Date”") as caught:
        decide_orders({"Hire Date": ["03/04/2024", "05/06/2024"]})

    assert caught.value.code == "ambiguous_dates"


def test_an_ambiguous_column_follows_the_habit_of_its_source():
    orders = decide_orders({"Hire Date": ["03/04/2024"]}, usual=MONTH_FIRST)

    assert orders == {"Hire Date": MONTH_FIRST}


def test_a_habit_that_another_column_disproves_is_not_followed():
    columns = {"Hire Date": ["03/04/2024"], "Birth Date": ["13/04/1990"]}

    with pytest.raises(UnusableFileError, match="“Hire Date”") as caught:
        decide_orders(columns, usual=MONTH_FIRST)

    assert caught.value.code == "ambiguous_dates"


def test_what_the_person_says_holds():
    columns = {"Hire Date": ["03/04/2024", "04/13/2024"]}

    assert decide_orders(columns, told=DAY_FIRST, usual=MONTH_FIRST) == {
        "Hire Date": DAY_FIRST
    }


def test_a_column_with_both_orders_is_refused():
    with pytest.raises(UnusableFileError) as caught:
        decide_orders({"Hire Date": ["13/04/2024", "04/13/2024"]}, usual=MONTH_FIRST)

    assert caught.value.code == "contradicting_dates"


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        ([], None),
        (["2024-03-01", "01.03.2024", "nonsense"], None),
        (["05/05/2024", "99/99/2024"], DAY_FIRST),
    ],
)
def test_where_the_order_makes_no_difference_nobody_is_asked(texts, order):
    assert decide_orders({"Hire Date": texts}) == {"Hire Date": order}


def test_an_unreadable_date_does_not_keep_the_others_from_deciding():
    columns = {"Hire Date": ["99/99/2024", "13/04/2024"]}

    assert decide_orders(columns) == {"Hire Date": DAY_FIRST}
