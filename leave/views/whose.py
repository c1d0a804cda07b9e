"""Whose leave a page is about."""

import datetime as dt
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from employees.models import Employee
from leave.models import LeaveRequest
from organizations.middleware import OrganizationRequest


def me_of(request: OrganizationRequest, *along: str) -> Employee | None:
    """Return the employee that the member is, if they are one here.

    ``along`` names what is read with them, by default where they work.
    """
    employees = Employee.objects.select_related(*along or ("manager", "location"))
    me = employees.filter(user=request.user).order_by().first()
    if me is not None:
        me.organization = request.access.organization
    return me


def me_or_404(request: OrganizationRequest, *along: str) -> Employee:
    """Return the employee that the member is."""
    me = me_of(request, *along)
    if me is None:
        raise Http404
    return me


def visible_or_404(request: OrganizationRequest, request_id: UUID) -> LeaveRequest:
    """Return a request that the member may see; any other one is not there."""
    visible = LeaveRequest.objects.visible_to(request.access).with_names()
    found: LeaveRequest = get_object_or_404(visible, pk=request_id)
    return found


def year_of(request: OrganizationRequest, today: dt.date) -> int:
    text = request.GET.get("year", "")
    return (
        int(text)
        if text.isascii() and text.isdigit() and len(text) == 4
        else today.year
    )
