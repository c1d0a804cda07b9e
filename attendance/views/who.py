"""Whose time a page shows, and to whom."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme

from employees.models import Employee
from organizations.access import OrganizationAccess
from organizations.middleware import OrganizationRequest


def me_of(request: OrganizationRequest) -> Employee | None:
    """Return the employee that the member is, if they are one here."""
    return _employees().filter(user=request.user).first()


def me_or_404(request: OrganizationRequest) -> Employee:
    return get_object_or_404(_employees(), user=request.user)


def person_or_404(request: OrganizationRequest, employee_id: UUID) -> Employee:
    """Return somebody whose time the member may see.

    Raises:
        Http404: when there is none; who may not see it learns no more.
    """
    employee = get_object_or_404(_employees(), pk=employee_id)
    if not _sees(request.access, employee):
        raise Http404
    return employee


def _sees(access: OrganizationAccess, employee: Employee) -> bool:
    if access.allows("attendance:read_all"):
        return True
    assert access.user is not None
    if employee.user_id == access.user.pk:
        return True
    manager = employee.manager
    is_manager = manager is not None and manager.user_id == access.user.pk
    return is_manager and access.allows("attendance:approve")


def _employees() -> QuerySet[Employee]:
    return Employee.objects.select_related("location", "organization", "manager")


def is_live(request: Any) -> bool:
    """Say whether a fragment is asked for."""
    return bool(request.htmx and not request.htmx.boosted)


def next_of(request: OrganizationRequest) -> str | None:
    """Return where to go back to, if the form says an address of ours."""
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()})
    return address if is_ours else None
