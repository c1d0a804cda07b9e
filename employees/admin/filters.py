"""Filters of the list of employees."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from employees.models import Department, Employee
from employees.open_points import OPEN_POINTS
from employees.tree import descendants, in_order


class DepartmentFilter(DropdownFilter):  # type: ignore[misc]
    """A department and all below it."""

    title = _("department")
    parameter_name = "department"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.departments = list(Department.objects.all())
        return [
            (str(department.pk), "\N{EM SPACE}" * depth + department.name)
            for department, depth in in_order(self.departments)
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Employee]
    ) -> QuerySet[Employee]:
        chosen = self.value()
        if not chosen:
            return queryset
        if chosen not in {str(department.pk) for department in self.departments}:
            return queryset.none()
        return queryset.filter(department__in=descendants(self.departments, chosen))


class OpenPointFilter(DropdownFilter):  # type: ignore[misc]
    """What somebody should look at."""

    title = _("open point")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, words) for name, (words, _rule) in OPEN_POINTS.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Employee]
    ) -> QuerySet[Employee]:
        if self.value() not in OPEN_POINTS:
            return queryset
        return queryset.filter(OPEN_POINTS[self.value()][1])
