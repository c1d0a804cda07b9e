"""Read the cells of a row as values of an employee; no database."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from employees.importing.dates import NO_DATE, DateOrder, parse_date
from employees.importing.headers import ColumnMapping, Field, normalize_header
from employees.importing.people import split_name
from employees.importing.reading import Row
from employees.models import Department, Employee, Location, Position

Value = str | dt.date
Values = dict[Field, Value]

EmploymentType = Employee.EmploymentType
Gender = Employee.Gender
Status = Employee.Status

DATES = frozenset(
    {
        Field.HIRED_ON,
        Field.FIRST_HIRED_ON,
        Field.BORN_ON,
        Field.TERMINATED_ON,
        Field.EMPLOYMENT_STATUS_ON,
    }
)

# The longest text that a value may be, by the models.
MAX_LENGTHS: Mapping[str, int | None] = {
    **{field.name: field.max_length for field in Employee._meta.concrete_fields},
    **{
        kind.value: field.max_length
        for kind, model, name in (
            (Field.DEPARTMENT, Department, "name"),
            (Field.POSITION, Position, "title"),
            (Field.LOCATION, Location, "name"),
        )
        for field in model._meta.concrete_fields
        if field.name == name
    },
}

# Compared as headers are: without case, spaces, underscores and hyphens.
STATUS_WORDS: Mapping[str, Status] = {
    "active": Status.ACTIVE,
    "employed": Status.ACTIVE,
    "current": Status.ACTIVE,
    "inactive": Status.TERMINATED,
    "terminated": Status.TERMINATED,
    "former": Status.TERMINATED,
    "left": Status.TERMINATED,
    "resigned": Status.TERMINATED,
    "retired": Status.TERMINATED,
}
TYPE_WORDS: Mapping[str, EmploymentType] = {
    "fulltime": EmploymentType.FULL_TIME,
    "permanent": EmploymentType.FULL_TIME,
    "regular": EmploymentType.FULL_TIME,
    "parttime": EmploymentType.PART_TIME,
    "temporary": EmploymentType.TEMPORARY,
    "temp": EmploymentType.TEMPORARY,
    "fixedterm": EmploymentType.TEMPORARY,
    "seasonal": EmploymentType.TEMPORARY,
    "intern": EmploymentType.INTERN,
    "internship": EmploymentType.INTERN,
    "trainee": EmploymentType.INTERN,
    "contractor": EmploymentType.CONTRACTOR,
    "contract": EmploymentType.CONTRACTOR,
    "freelance": EmploymentType.CONTRACTOR,
    "freelancer": EmploymentType.CONTRACTOR,
}
GENDER_WORDS: Mapping[str, Gender] = {
    "female": Gender.FEMALE,
    "f": Gender.FEMALE,
    "woman": Gender.FEMALE,
    "male": Gender.MALE,
    "m": Gender.MALE,
    "man": Gender.MALE,
    "other": Gender.OTHER,
    "nonbinary": Gender.OTHER,
    "diverse": Gender.OTHER,
    "x": Gender.OTHER,
    "undisclosed": Gender.UNDISCLOSED,
    "notdisclosed": Gender.UNDISCLOSED,
    "notspecified": Gender.UNDISCLOSED,
    "prefernottosay": Gender.UNDISCLOSED,
    "declinetoanswer": Gender.UNDISCLOSED,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row can not be imported; `column` is the header as the file has it."""

    row: int
    column: str
    reason: str


@dataclass(slots=True)
class ParsedRow:
    """What a row says: only the filled cells, and what could not be read."""

    number: int
    values: Values
    refusals: list[Refusal]

    def refuse(self, column: str, reason: str) -> None:
        """Note why this row can not be imported."""
        self.refusals.append(Refusal(self.number, column, reason))


def parse_row(
    row: Row, mapping: ColumnMapping, orders: Mapping[str, DateOrder | None]
) -> ParsedRow:
    """Read the filled cells of a row; a cell that can not be read is refused."""
    parsed = ParsedRow(row.number, {}, [])
    if row.surplus:
        parsed.refuse(
            "",
            f"has {row.surplus} more filled cells than there are columns; put "
            "quotation marks around a text that holds the delimiter",
        )
    for field, column in mapping.columns.items():
        cell = row.cells[column.index]
        try:
            parsed.values.update(_read_cell(field, cell, orders.get(column.header)))
        except ValueError as error:
            parsed.refuse(column.header, str(error))
    return parsed


def _read_cell(
    field: Field, cell: Value, order: DateOrder | None
) -> Mapping[Field, Value]:
    if not cell:
        return {}
    if field in DATES:
        return _read_date(field, cell, order)
    text = str(cell)
    if field is Field.FULL_NAME:
        return _read_full_name(text)
    if field is Field.JOB_ROLE:  # which Horilla writes as "Role - Position"
        return {Field.POSITION: _read_text(text.rpartition(" - ")[2])}
    if field is Field.EMPLOYMENT_STATUS:
        return _read_employment_status(text)
    value = READERS.get(field, _read_text)(text)
    _check_length(field, value)
    return {field: value}


def _read_date(
    field: Field, cell: Value, order: DateOrder | None
) -> Mapping[Field, Value]:
    if isinstance(cell, dt.date):
        return {field: cell}
    if cell.casefold() in NO_DATE:
        return {}
    return {field: parse_date(cell, order)}


def _check_length(field: Field, value: str) -> None:
    limit = MAX_LENGTHS.get(field)
    if limit and len(value) > limit:
        raise ValueError(f"“{value[:20]}…” is longer than {limit} characters")


def _read_full_name(text: str) -> Mapping[Field, Value]:
    first_name, last_name = split_name(text)
    return {
        Field.FULL_NAME: text,
        Field.FIRST_NAME: first_name,
        Field.LAST_NAME: last_name,
    }


def _read_employment_status(text: str) -> Mapping[Field, Value]:
    """Read BambooHR's column, which mixes employment types with "Terminated"."""
    word = normalize_header(text)
    if word in TYPE_WORDS:
        return {Field.EMPLOYMENT_TYPE: TYPE_WORDS[word]}
    if word in STATUS_WORDS:
        return {Field.EMPLOYMENT_STATUS: STATUS_WORDS[word]}
    raise ValueError(_unknown(text, [*EmploymentType.labels, *Status.labels]))


def _read_text(text: str) -> str:
    return " ".join(text.split())


def _read_email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise ValueError(f"“{text}” is not an e-mail address") from error
    return text


def _read_type(text: str) -> str:
    return _look_up(text, TYPE_WORDS, EmploymentType.labels)


def _read_gender(text: str) -> str:
    return _look_up(text, GENDER_WORDS, Gender.labels)


def _read_status(text: str) -> str:
    return _look_up(text, STATUS_WORDS, Status.labels)


def _look_up(text: str, words: Mapping[str, str], labels: Sequence[object]) -> str:
    try:
        return words[normalize_header(text)]
    except KeyError as error:
        raise ValueError(_unknown(text, labels)) from error


def _unknown(text: str, labels: Sequence[object]) -> str:
    return f"“{text}” is not known; write one of: {', '.join(map(str, labels))}"


READERS: Mapping[Field, Callable[[str], str]] = {
    Field.WORK_EMAIL: _read_email,
    Field.HOME_EMAIL: _read_email,
    Field.EMPLOYMENT_TYPE: _read_type,
    Field.GENDER: _read_gender,
    Field.STATUS: _read_status,
}
