from employees.models.employees import Employee, NumberSeries
from employees.models.imports import EmployeeImport
from employees.models.queries import EmployeeQuerySet
from employees.models.structure import Department, Location, Position

__all__ = [
    "Department",
    "Employee",
    "EmployeeImport",
    "EmployeeQuerySet",
    "Location",
    "NumberSeries",
    "Position",
]
