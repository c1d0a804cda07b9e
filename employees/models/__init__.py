from employees.models.employees import Employee, EmployeeQuerySet, NumberSeries
from employees.models.structure import Department, Location, Position

__all__ = [
    "Department",
    "Employee",
    "EmployeeQuerySet",
    "Location",
    "NumberSeries",
    "Position",
]
