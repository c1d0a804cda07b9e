"""Compare a file with the employees of an organization.

Four queries, whatever the number of rows: employees, departments, positions and
locations are read once.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils import timezone

from employees.importing.collector import paused_collector
from employees.importing.dates import DateOrder, decide_orders
from employees.importing.decisions import Decision, Judge, Rehire, Termination
from employees.importing.headers import ColumnMapping, Field, map_headers
from employees.importing.matching import Matcher
from employees.importing.people import Calling, People, find_circles, normalize_name
from employees.importing.plan import PARTS, PLAIN, Difference, Plan, PlannedRow, shown
from employees.importing.reading import Table
from employees.importing.structure import read_structure
from employees.importing.values import DATES, ParsedRow, Value, parse_row
from employees.models import Employee
from organizations.models import Organization

REQUIRED = (Field.FIRST_NAME, Field.LAST_NAME, Field.WORK_EMAIL, Field.HIRED_ON)
PLAIN_NAMES = tuple((field, field.value) for field in PLAIN)
CHOICES: Mapping[str, Mapping[object, object]] = {
    "gender": dict(Employee.Gender.choices),
    "employment_type": dict(Employee.EmploymentType.choices),
}


@paused_collector()
def make_plan(
    organization: Organization,
    table: Table,
    *,
    date_order: DateOrder | None = None,
    hired_on: dt.date | None = None,
) -> Plan:
    """Say for every row of a file what it would change, or why it is refused.

    `hired_on` is the first day of new people for whom the file says none. Raises
    UnusableFileError when the file as a whole can not be understood.
    """
    mapping = map_headers(table.header)
    orders = _decide_orders(table, mapping, date_order)
    parsed = [parse_row(row, mapping, orders) for row in table.rows]
    planner = _Planner(organization, mapping, hired_on)
    rows = planner.plan(parsed)
    return Plan(
        organization=organization,
        mapping=mapping,
        orders=orders,
        rows=rows,
        refusals=[refusal for row in parsed for refusal in row.refusals],
        departments=planner.structure.departments.added,
        positions=planner.structure.positions.added,
        locations=planner.structure.locations.added,
    )


def _decide_orders(
    table: Table, mapping: ColumnMapping, told: DateOrder | None
) -> dict[str, DateOrder | None]:
    columns = [mapping.columns[field] for field in DATES & mapping.columns.keys()]
    texts = {
        column.header: [str(row.cells[column.index]) for row in table.rows]
        for column in sorted(columns, key=lambda column: column.index)
    }
    return decide_orders(texts, told=told, usual=mapping.source.date_order)


class _Planner:
    """Holds what every row is compared with."""

    def __init__(
        self,
        organization: Organization,
        mapping: ColumnMapping,
        hired_on: dt.date | None,
    ) -> None:
        self.organization = organization
        self.mapping = mapping
        self.hired_on = hired_on
        self.judge = Judge(mapping, timezone.localdate(timezone=organization.zone))
        self.structure = read_structure(organization)
        self.employees: dict[UUID, Employee] = {
            employee.pk: employee
            for employee in Employee.objects.for_organization(organization).order_by()
        }

    def plan(self, parsed: list[ParsedRow]) -> list[PlannedRow]:
        """Plan every row; the refused ones are left out and carry their reasons."""
        people_before = list(self.employees.values())
        known_before = [_calling(employee) for employee in people_before]
        matcher = Matcher.of(self.mapping, people_before)
        planned = [self._plan_row(row, matcher.match(row)) for row in parsed]
        self.employees |= {plan.employee.pk: plan.employee for plan in planned}
        people = People[UUID]()
        for plan in planned:
            people.add(plan.employee.pk, _calling(plan.employee))
        for employee, calling in zip(people_before, known_before, strict=True):
            people.add(employee.pk, calling)
        pairs = list(zip(parsed, planned, strict=True))
        for row, plan in pairs:
            self._place_under_manager(row, plan, people)
        self._refuse_circles(pairs)
        return [plan for row, plan in pairs if not row.refusals]

    def _plan_row(self, row: ParsedRow, employee: Employee | None) -> PlannedRow:
        if employee is None:
            return self._plan_new(row)
        plan = PlannedRow(row.number, employee, is_new=False)
        _keep_known_name(row, employee)
        plan.decision = self.judge.decide(row, employee)
        plan.differences += self._decided(plan)
        if isinstance(plan.decision, Rehire):
            del row.values[Field.HIRED_ON]
        self._refuse_hire_after_the_end(row, employee)
        self._set_values(row, plan)
        return plan

    def _plan_new(self, row: ParsedRow) -> PlannedRow:
        if self.hired_on:
            row.values.setdefault(Field.HIRED_ON, self.hired_on)
        employee = Employee(organization=self.organization)
        plan = PlannedRow(row.number, employee, is_new=True)
        self._refuse_missing(row)
        self._set_values(row, plan)
        first_hired_on = row.values.get(Field.FIRST_HIRED_ON)
        if _is_before(first_hired_on, row.values.get(Field.HIRED_ON)):
            employee.first_hired_on = first_hired_on
        plan.decision = self.judge.decide_new(row)
        plan.differences += self._decided(plan)
        self._end(employee, plan.decision)
        return plan

    def _refuse_missing(self, row: ParsedRow) -> None:
        unreadable = {refusal.column for refusal in row.refusals}
        for field in REQUIRED:
            header = self.mapping.header(field)
            if field not in row.values and header not in unreadable:
                row.refuse(header, "is needed for somebody who is not known yet")

    def _refuse_hire_after_the_end(self, row: ParsedRow, employee: Employee) -> None:
        if _is_before(employee.terminated_on, row.values.get(Field.HIRED_ON)):
            reason = f"lies after the last day, {employee.terminated_on}"
            row.refuse(self.mapping.header(Field.HIRED_ON), reason)

    def _end(self, employee: Employee, termination: Decision) -> None:
        """Let somebody new come with the end of their employment."""
        if not isinstance(termination, Termination):
            return
        employee.terminated_on = termination.terminated_on
        employee.termination_reason = termination.reason
        if self.judge.is_over(termination):
            employee.status = Employee.Status.TERMINATED

    def _decided(self, plan: PlannedRow) -> Iterable[Difference]:
        """Tell what a decision changes, which its service will write."""
        employee, decision = plan.employee, plan.decision
        if isinstance(decision, Rehire):
            changes: dict[str, object] = {
                "status": Employee.Status.ACTIVE,
                "hired_on": decision.hired_on,
                "terminated_on": None,
                "termination_reason": "",
            }
        elif isinstance(decision, Termination):
            over = self.judge.is_over(decision)
            changes = {
                "status": Employee.Status.TERMINATED if over else employee.status,
                "terminated_on": decision.terminated_on,
                "termination_reason": decision.reason,
            }
        else:
            changes = {}
        for name, new in changes.items():
            if (old := getattr(employee, name)) != new:
                yield _difference(plan, name, old, new)

    def _set_values(self, row: ParsedRow, plan: PlannedRow) -> None:
        for field, name in PLAIN_NAMES:
            if (value := row.values.get(field)) is not None:
                _set_plain(plan, name, value)
        for field in PARTS:
            if part := row.values.get(field):
                self._set_part(row, plan, field, str(part))

    def _set_part(
        self, row: ParsedRow, plan: PlannedRow, field: Field, name: str
    ) -> None:
        try:
            part = self.structure.find(field, name)
        except ValueError as error:
            row.refuse(self.mapping.header(field), str(error))
            return
        old = self.structure.name(field, getattr(plan.employee, f"{field}_id"))
        _set_reference(plan, field, part.pk, old, str(part))

    def _place_under_manager(
        self, row: ParsedRow, plan: PlannedRow, people: People[UUID]
    ) -> None:
        reference = row.values.get(Field.MANAGER)
        if not reference:
            return
        try:
            manager_id = people.find(str(reference))
        except ValueError as error:
            row.refuse(self.mapping.header(Field.MANAGER), str(error))
            return
        manager = plan.employee.manager_id
        old = self.employees[manager].name if manager else ""
        _set_reference(
            plan, Field.MANAGER, manager_id, old, self.employees[manager_id].name
        )

    def _refuse_circles(self, pairs: list[tuple[ParsedRow, PlannedRow]]) -> None:
        managers = {pk: employee.manager_id for pk, employee in self.employees.items()}
        rows = {plan.employee.pk: row for row, plan in pairs}
        for circle in find_circles(managers):
            for start, pk in enumerate(circle):
                if pk not in rows or Field.MANAGER not in rows[pk].values:
                    continue
                chain = (*circle[start:], *circle[:start], pk)
                names = (self.employees[member].name for member in chain)
                rows[pk].refuse(
                    self.mapping.header(Field.MANAGER),
                    f"would close a circle: {' reports to '.join(names)}",
                )


def _calling(employee: Employee) -> Calling:
    return Calling(
        number=employee.number,
        work_email=employee.work_email,
        first_names=(
            employee.first_name,
            employee.preferred_name,
            f"{employee.first_name} {employee.middle_name}".strip(),
        ),
        last_name=employee.last_name,
    )


def _keep_known_name(row: ParsedRow, employee: Employee) -> None:
    """Leave the names of somebody whose full name the file writes as we know it.

    A full name does not say where the last name begins.
    """
    full_name = row.values.get(Field.FULL_NAME)
    if full_name is None:
        return
    if normalize_name(str(full_name)) in _calling(employee).names():
        row.values.pop(Field.FIRST_NAME, None)
        row.values.pop(Field.LAST_NAME, None)


def _is_before(first: Value | None, second: Value | None) -> bool:
    return isinstance(first, dt.date) and isinstance(second, dt.date) and first < second


def _set_plain(plan: PlannedRow, name: str, value: Value) -> None:
    """Give the employee a value, and note the difference when it is one."""
    before = getattr(plan.employee, name)
    if before == value:
        return
    setattr(plan.employee, name, value)
    labels = CHOICES.get(name, {})
    old, new = labels.get(before, before), labels.get(value, value)
    plan.differences.append(_difference(plan, name, old, new))


def _set_reference(
    plan: PlannedRow, field: Field, pk: UUID, old: str, new: str
) -> None:
    if getattr(plan.employee, f"{field}_id") == pk:
        return
    setattr(plan.employee, f"{field}_id", pk)
    plan.differences.append(_difference(plan, field.value, old, new))


def _difference(plan: PlannedRow, name: str, old: object, new: object) -> Difference:
    """Write a difference; what somebody new has by default is no old value."""
    return Difference(name, "" if plan.is_new else shown(old), shown(new))
