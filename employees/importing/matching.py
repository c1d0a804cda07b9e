"""Say for every row whose it is: an employee's we have, or a new one's."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from employees.importing.headers import ColumnMapping, Field
from employees.importing.values import ParsedRow
from employees.models import Employee


@dataclass(slots=True)
class Matcher:
    """Match rows by number, then by work e-mail; refuse what is said twice."""

    mapping: ColumnMapping
    by_number: dict[str, Employee] = field(default_factory=dict)
    by_email: dict[str, Employee] = field(default_factory=dict)
    _seen: dict[tuple[Field, str], int] = field(default_factory=dict)
    _matched: dict[Employee, int] = field(default_factory=dict)

    @classmethod
    def of(cls, mapping: ColumnMapping, employees: Iterable[Employee]) -> "Matcher":
        """Index the employees that rows may be about."""
        matcher = cls(mapping)
        for employee in employees:
            matcher.by_number[employee.number] = employee
            matcher.by_email[employee.work_email.lower()] = employee
        return matcher

    def match(self, row: ParsedRow) -> Employee | None:
        """Find the employee that a row is about; None for a new one.

        A row that names two people, or somebody from a row above, is refused.
        """
        number = str(row.values.get(Field.NUMBER, ""))
        email = str(row.values.get(Field.WORK_EMAIL, "")).lower()
        self._refuse_repeated(row, Field.NUMBER, number)
        self._refuse_repeated(row, Field.WORK_EMAIL, email)
        return self._existing(row, number, email)

    def _existing(self, row: ParsedRow, number: str, email: str) -> Employee | None:
        named, mailed = self.by_number.get(number), self.by_email.get(email)
        if named and mailed and named != mailed:
            row.refuse(
                self.mapping.header(Field.WORK_EMAIL),
                f"“{email}” belongs to {mailed.name} ({mailed.number}), the number "
                f"{number} to {named.name}",
            )
        if named and not mailed:
            self._refuse_stranger(row, named)
        if employee := named or mailed:
            self._refuse_second(row, employee)
        return employee

    def _refuse_stranger(self, row: ParsedRow, employee: Employee) -> None:
        """Refuse a number that the file's system gave to somebody else.

        Two systems number people from 1: nobody may turn into another person.
        """
        known = {
            Field.FIRST_NAME: employee.first_name,
            Field.LAST_NAME: employee.last_name,
            Field.WORK_EMAIL: employee.work_email,
        }
        if all(
            str(row.values.get(field, value)).lower() != value.lower()
            for field, value in known.items()
        ):
            row.refuse(
                self.mapping.header(Field.NUMBER),
                f"{employee.number} is {employee.name} here, with another first name, "
                "last name and e-mail; give this person a number of their own",
            )

    def _refuse_second(self, row: ParsedRow, employee: Employee) -> None:
        """Refuse a row whose other key leads to somebody from a row above."""
        first = self._matched.setdefault(employee, row.number)
        if first != row.number and not row.refusals:
            row.refuse(self._key_column(), f"is the same person as row {first}")

    def _refuse_repeated(self, row: ParsedRow, key: Field, value: str) -> None:
        first = self._seen.setdefault((key, value), row.number) if value else row.number
        if first != row.number:
            row.refuse(
                self.mapping.header(key), f"“{value}” stands in row {first} already"
            )

    def _key_column(self) -> str:
        keys = (Field.NUMBER, Field.WORK_EMAIL)
        return self.mapping.header(next(k for k in keys if k in self.mapping.columns))
