"""HR's side of people: employees, structure, imports."""

from employees.admin.employees import EmployeeAdmin
from employees.admin.imports import EmployeeImportAdmin
from employees.admin.structure import DepartmentAdmin, LocationAdmin, PositionAdmin

__all__ = [
    "DepartmentAdmin",
    "EmployeeAdmin",
    "EmployeeImportAdmin",
    "LocationAdmin",
    "PositionAdmin",
]
