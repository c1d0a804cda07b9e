"""What integrators read and write of employees and of how the organization is built."""

from employees.api.employees import EmployeeSerializer, EmployeeViewSet
from employees.api.me import MeView
from employees.api.structure import (
    DepartmentViewSet,
    LocationViewSet,
    PositionViewSet,
)

__all__ = [
    "DepartmentViewSet",
    "EmployeeSerializer",
    "EmployeeViewSet",
    "LocationViewSet",
    "MeView",
    "PositionViewSet",
]
