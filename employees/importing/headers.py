"""Recognise the columns of other systems' exports, and of our own field names.

A header is compared without case, spaces, underscores and hyphens. When two columns
of a file fill one field, the header that stands first in `HEADERS` is used and the
other is told as not used.
"""

import enum
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from employees.importing.dates import DateOrder
from employees.importing.errors import UnusableFileError


class Field(enum.StrEnum):
    """What a column can fill."""

    __hash__ = str.__hash__  # Enum's own is slow, and every cell asks for it

    NUMBER = "number"
    FIRST_NAME = "first_name"
    MIDDLE_NAME = "middle_name"
    LAST_NAME = "last_name"
    PREFERRED_NAME = "preferred_name"
    FULL_NAME = "full_name"
    WORK_EMAIL = "work_email"
    HOME_EMAIL = "home_email"
    WORK_PHONE = "work_phone"
    MOBILE_PHONE = "mobile_phone"
    BORN_ON = "born_on"
    GENDER = "gender"
    MANAGER = "manager"
    DEPARTMENT = "department"
    POSITION = "position"
    JOB_ROLE = "job_role"
    LOCATION = "location"
    HIRED_ON = "hired_on"
    FIRST_HIRED_ON = "first_hired_on"
    STATUS = "status"
    EMPLOYMENT_TYPE = "employment_type"
    EMPLOYMENT_STATUS = "employment_status"
    EMPLOYMENT_STATUS_ON = "employment_status_on"
    TERMINATED_ON = "terminated_on"
    TERMINATION_REASON = "termination_reason"


HEADERS: Mapping[Field, tuple[str, ...]] = {
    Field.NUMBER: (
        "Employee #",
        "Employee Number",
        "Employee No",
        "Employee No.",
        "Badge ID",
        "Employee ID",
        "Staff Number",
        "Personnel Number",
        "Number",
    ),
    Field.FIRST_NAME: ("First Name", "Given Name"),
    Field.MIDDLE_NAME: ("Middle Name",),
    Field.LAST_NAME: ("Last Name", "Family Name", "Surname"),
    Field.PREFERRED_NAME: ("Preferred Name", "Preferred First Name", "Nickname"),
    Field.FULL_NAME: ("Full Name", "Employee Name", "Name"),
    Field.WORK_EMAIL: ("Work Email", "Company Email", "Email", "Email Address"),
    Field.HOME_EMAIL: ("Home Email", "Personal Email", "Private Email", "Other Email"),
    Field.WORK_PHONE: ("Work Phone", "Work Telephone"),
    Field.MOBILE_PHONE: (
        "Mobile Phone",
        "Mobile",
        "Phone",
        "Home Phone",
        "Home Telephone",
    ),
    Field.BORN_ON: ("Birth Date", "Date of Birth", "Born on", "Birthday"),
    Field.GENDER: ("Gender",),
    Field.MANAGER: (
        "Reporting to",
        "Reports to",
        "Reporting Manager",
        "Manager",
        "Manager Email",
        "Manager Number",
        "Manager Name",
        "Supervisor",
        "Supervisor Name",
    ),
    Field.DEPARTMENT: ("Department", "Department Name"),
    Field.POSITION: ("Job Title", "Job Position", "Position"),
    Field.JOB_ROLE: ("Job Role",),
    Field.LOCATION: ("Location", "Work Location", "Office"),
    Field.HIRED_ON: (
        "Hire Date",
        "Hired on",
        "Date Joining",
        "Date of Joining",
        "Joining Date",
        "Start Date",
    ),
    Field.FIRST_HIRED_ON: ("Original Hire Date", "First hired on"),
    Field.STATUS: ("Status", "Employee Status"),
    Field.EMPLOYMENT_TYPE: ("Employment Type", "Employee Type", "Contract Type"),
    Field.EMPLOYMENT_STATUS: ("Employment Status",),
    Field.EMPLOYMENT_STATUS_ON: ("Employment Status: Date",),
    Field.TERMINATED_ON: ("Termination Date", "Terminated on", "Leaving Date"),
    Field.TERMINATION_REASON: ("Termination Reason", "Leaving Reason"),
}

# A field that is not used when the others are there.
GIVES_WAY: Mapping[Field, frozenset[Field]] = {
    Field.FULL_NAME: frozenset({Field.FIRST_NAME, Field.LAST_NAME}),
    Field.JOB_ROLE: frozenset({Field.POSITION}),
}


class Source(enum.Enum):
    """The system that wrote the file, as its headers tell, and how it writes dates."""

    BAMBOOHR = ("BambooHR", DateOrder.MONTH_FIRST)
    HORILLA = ("Horilla", None)
    ORANGEHRM = ("OrangeHRM", None)
    TIMEOFF = ("TimeOff.Management", None)
    OTHER = ("another system", None)

    def __init__(self, label: str, date_order: DateOrder | None) -> None:
        self.label = label
        self.date_order = date_order


def normalize_header(header: str) -> str:
    """Drop what people and programs vary: case, spaces, underscores and hyphens."""
    return header.casefold().translate(VARIED)


VARIED = str.maketrans("", "", " \t\n\r\u00a0_-")

# Every header of one set must be there. "Employee #" is BambooHR's alone.
SIGNATURES: tuple[tuple[Source, frozenset[str]], ...] = tuple(
    (source, frozenset(map(normalize_header, headers)))
    for source, headers in (
        (Source.BAMBOOHR, ("Employee #", "Hire Date")),
        (Source.BAMBOOHR, ("Employee #", "Reporting to")),
        (Source.BAMBOOHR, ("Employee #", "Job Title")),
        (Source.HORILLA, ("Badge ID", "Date Joining")),
        (Source.HORILLA, ("Badge ID", "Job Position")),
        (Source.HORILLA, ("Badge ID", "Reporting Manager")),
        (Source.ORANGEHRM, ("employee_id", "other_id")),
        (Source.ORANGEHRM, ("employee_id", "other_email")),
    )
)
TIMEOFF_HEADERS = frozenset({"email", "lastname", "name", "department"})

RANKS: Mapping[str, tuple[Field, int]] = {
    normalize_header(header): (field, rank)
    for field, headers in HEADERS.items()
    for rank, header in enumerate(headers)
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file; `index` counts from zero."""

    index: int
    header: str

    @property
    def letter(self) -> str:
        """Name the column as a spreadsheet does: A, B, … Z, AA."""
        letters, number = "", self.index + 1
        while number:
            number, digit = divmod(number - 1, 26)
            letters = chr(ord("A") + digit) + letters
        return letters


@dataclass(frozen=True, slots=True)
class IgnoredColumn:
    """A column that is not imported, and why."""

    column: Column
    reason: str


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which column fills which field."""

    source: Source
    columns: Mapping[Field, Column]
    ignored: tuple[IgnoredColumn, ...]

    def header(self, field: Field) -> str:
        """Name the column of a field as the file does, else as a file should."""
        column = self.columns.get(field)
        return column.header if column else HEADERS[field][0]


def map_headers(header: tuple[str, ...]) -> ColumnMapping:
    """Decide what every column fills.

    Raises UnusableFileError when a used header stands twice, or when no column says
    who is who.
    """
    columns = [Column(index, name) for index, name in enumerate(header)]
    source = find_source(header)
    chosen = _choose(columns)
    ignored = tuple(
        IgnoredColumn(column, _reason(column, chosen))
        for column in columns
        if column not in chosen.values()
    )
    if _is_first_name(chosen):
        chosen[Field.FIRST_NAME] = chosen.pop(Field.FULL_NAME)
    if Field.HIRED_ON not in chosen and Field.FIRST_HIRED_ON in chosen:
        chosen[Field.HIRED_ON] = chosen.pop(Field.FIRST_HIRED_ON)
    _check_keys(chosen)
    return ColumnMapping(source, chosen, ignored)


def find_source(header: tuple[str, ...]) -> Source:
    """Tell the writing system by the headers that only it uses together."""
    present = set(map(normalize_header, header))
    if present == TIMEOFF_HEADERS:
        return Source.TIMEOFF
    fitting = (source for source, needed in SIGNATURES if needed <= present)
    return next(fitting, Source.OTHER)


def _choose(columns: list[Column]) -> dict[Field, Column]:
    """Give each field the column whose header ranks first."""
    known = [c for c in columns if normalize_header(c.header) in RANKS]
    _check_doubled(known)
    known.sort(key=lambda column: RANKS[normalize_header(column.header)][1])
    chosen: dict[Field, Column] = {}
    for column in known:
        chosen.setdefault(RANKS[normalize_header(column.header)][0], column)
    for field, others in GIVES_WAY.items():
        if others <= chosen.keys():
            chosen.pop(field, None)
    return chosen


def _is_first_name(chosen: Mapping[Field, Column]) -> bool:
    """Say whether "name" is what stands before the last name, as TimeOff writes it."""
    name = chosen.get(Field.FULL_NAME)
    return (
        name is not None
        and normalize_header(name.header) == "name"
        and Field.LAST_NAME in chosen
        and Field.FIRST_NAME not in chosen
    )


def _check_doubled(known: list[Column]) -> None:
    counts = Counter(normalize_header(column.header) for column in known)
    doubled = [c for c in known if counts[normalize_header(c.header)] > 1]
    if doubled:
        places = ", ".join(f"{column.header} ({column.letter})" for column in doubled)
        raise UnusableFileError(
            f"Two columns have one name: {places}. Rename or delete one of them.",
            code="doubled_header",
        )


def _reason(column: Column, chosen: Mapping[Field, Column]) -> str:
    if not column.header:
        return "has no header"
    known = RANKS.get(normalize_header(column.header))
    if known is None:
        return "is not known"
    field = known[0]
    instead = {field} if field in chosen else GIVES_WAY[field]
    headers = " and ".join(f"“{chosen[used].header}”" for used in sorted(instead))
    return f"{headers} {'is' if len(instead) == 1 else 'are'} used instead"


def _check_keys(chosen: Mapping[Field, Column]) -> None:
    if chosen.keys().isdisjoint({Field.NUMBER, Field.WORK_EMAIL}):
        raise UnusableFileError(
            "No column says who is who: one named “Employee #” (or “Badge ID”, "
            "“Employee ID”, “Number”) or “Work Email” (or “Email”) is needed. The "
            "first row of the file must name the columns.",
            code="no_key",
        )
