"""What a row says about the end of an employment, or its new beginning.

The rules are those of employees.services, told before anything is written.
"""

import datetime as dt
from dataclasses import dataclass

from employees.importing.headers import ColumnMapping, Field
from employees.importing.values import ParsedRow, Value
from employees.models import Employee

Status = Employee.Status


@dataclass(frozen=True, slots=True)
class Termination:
    """An employment ends, or is noted to end, with this last day."""

    terminated_on: dt.date
    reason: str


@dataclass(frozen=True, slots=True)
class Rehire:
    """A former employee is employed again."""

    hired_on: dt.date


Decision = Termination | Rehire | None


@dataclass(frozen=True, slots=True)
class Judge:
    """Decide row by row; what contradicts itself or a rule is refused."""

    mapping: ColumnMapping
    today: dt.date

    def decide_new(self, row: ParsedRow) -> Termination | None:
        """Decide for a person who is not known yet."""
        hired_on = row.values.get(Field.HIRED_ON)
        return self._termination(row, self._status(row), hired_on)

    def decide(self, row: ParsedRow, employee: Employee) -> Decision:
        """Decide for an employee we have; None when nothing is to be decided."""
        status = self._status(row)
        if employee.status == Status.TERMINATED:
            return self._after_the_end(row, employee, status)
        hired_on = row.values.get(Field.HIRED_ON, employee.hired_on)
        is_noted = employee.terminated_on is not None
        termination = self._termination(row, status, hired_on, is_noted=is_noted)
        if termination is None:
            return None
        reason = termination.reason or employee.termination_reason
        known = (employee.terminated_on, employee.termination_reason)
        if (termination.terminated_on, reason) == known:
            return None
        return Termination(termination.terminated_on, reason)

    def is_over(self, termination: Termination) -> bool:
        """Say whether the last day has come."""
        return termination.terminated_on <= self.today

    def _after_the_end(
        self, row: ParsedRow, employee: Employee, status: str | None
    ) -> Rehire | None:
        ended = employee.terminated_on
        if status == Status.ACTIVE:
            hired_on = row.values.get(Field.HIRED_ON)
            if isinstance(hired_on, dt.date) and ended and hired_on > ended:
                return Rehire(hired_on)
            self._refuse(
                row,
                Field.STATUS,
                f"{employee.name} left on {ended}; to employ them again, give a hire "
                "date after that day",
            )
        elif self._last_day(row) not in {None, ended}:
            self._refuse(
                row, Field.TERMINATED_ON, f"{employee.name} left on {ended} already"
            )
        elif self._reason(row) not in {"", employee.termination_reason}:
            self._refuse(
                row,
                Field.TERMINATION_REASON,
                "the reason was noted when the employment ended and stays",
            )
        return None

    def _termination(
        self,
        row: ParsedRow,
        status: str | None,
        hired_on: Value | None,
        *,
        is_noted: bool = False,
    ) -> Termination | None:
        last_day = self._last_day(row)
        if last_day is None:
            if status == Status.TERMINATED and not is_noted:
                reason = "needs the last day of an employment that has ended"
                self._refuse(row, Field.TERMINATED_ON, reason)
            return None
        if isinstance(hired_on, dt.date) and last_day < hired_on:
            reason = f"{last_day} lies before the first day, {hired_on}"
            self._refuse(row, Field.TERMINATED_ON, reason)
        termination = Termination(last_day, self._reason(row))
        if status == Status.ACTIVE and self.is_over(termination):
            reason = f"is active, but {last_day} as the last day has passed"
            self._refuse(row, Field.TERMINATED_ON, reason)
        return termination

    def _status(self, row: ParsedRow) -> str | None:
        """Read the status from either column that may say it."""
        said = {
            str(row.values[field])
            for field in (Field.STATUS, Field.EMPLOYMENT_STATUS)
            if field in row.values
        }
        if len(said) > 1:
            reason = f"contradicts the column “{self.mapping.header(Field.STATUS)}”"
            self._refuse(row, Field.EMPLOYMENT_STATUS, reason)
        return said.pop() if said else None

    def _last_day(self, row: ParsedRow) -> dt.date | None:
        """Read the last day; the date of BambooHR's "Terminated" is one as well."""
        day = row.values.get(Field.TERMINATED_ON)
        if day is None and row.values.get(Field.EMPLOYMENT_STATUS) == Status.TERMINATED:
            day = row.values.get(Field.EMPLOYMENT_STATUS_ON)
        return day if isinstance(day, dt.date) else None

    def _reason(self, row: ParsedRow) -> str:
        return str(row.values.get(Field.TERMINATION_REASON, ""))

    def _refuse(self, row: ParsedRow, field: Field, reason: str) -> None:
        row.refuse(self.mapping.header(field), reason)
