"""A leave request is written by its services alone; every other way is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leave.events import LEAVE_REQUEST_SUBMITTED
from leave.models import LeaveRequest
from leave.services import request_leave
from organizations.events import UndecidedChange
from tests.leave.conftest import Team, june

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(team: Team) -> LeaveRequest:
    return request_leave(team.ada, team.annual, first_on=june(1), last_on=june(3))


def unsaved(like: Team | LeaveRequest) -> LeaveRequest:
    """Return another request of the same person, not written yet."""
    is_team = isinstance(like, Team)
    return LeaveRequest(
        organization=like.organization,
        employee=like.ada if is_team else like.employee,
        leave_type=like.annual if is_team else like.leave_type,
        first_on=june(8),
        last_on=june(9),
        charge=2,
    )


def save(asked: LeaveRequest) -> None:
    asked.status = "approved"
    asked.decided_at = asked.created_at
    asked.save()


def save_what_is_no_decision(asked: LeaveRequest) -> None:
    asked.note = "To the sea"
    asked.save()


def save_another_one(asked: LeaveRequest) -> None:
    unsaved(asked).save()


def insert_many(asked: LeaveRequest) -> None:
    LeaveRequest.objects.bulk_create([unsaved(asked)])


def update(asked: LeaveRequest) -> None:
    LeaveRequest.objects.filter(pk=asked.pk).update(status="withdrawn")


def update_of_a_person(asked: LeaveRequest) -> None:
    asked.employee.leave_requests.update(status="withdrawn")


def bulk_update(asked: LeaveRequest) -> None:
    asked.status = "withdrawn"
    LeaveRequest.objects.bulk_update([asked], ["status"])


@pytest.mark.parametrize(
    "write",
    [
        save,
        save_what_is_no_decision,
        save_another_one,
        insert_many,
        update,
        update_of_a_person,
        bulk_update,
    ],
)
def test_no_request_is_written_but_by_a_decision(
    asked: LeaveRequest, occurred: list[Any], write: Callable[[LeaveRequest], Any]
) -> None:
    with pytest.raises(UndecidedChange, match=r"leave\.LeaveRequest: It changes by"):
        write(asked)

    (kept,) = LeaveRequest.objects.all()
    assert (kept.status, kept.note, kept.version) == ("pending", "", 1)
    assert occurred == []


@pytest.mark.parametrize("is_set", [False, True], ids=["record", "set"])
def test_a_request_is_not_deleted(team: Team, is_set: bool) -> None:
    """One without days and lines, which would protect it by themselves."""
    bare = unsaved(team)
    bare.save_as(LEAVE_REQUEST_SUBMITTED)

    with pytest.raises(UndecidedChange):
        LeaveRequest.objects.all().delete() if is_set else bare.delete()

    assert LeaveRequest.objects.filter(pk=bare.pk).exists()


def test_the_admin_writes_no_decision(team: Team, asked: LeaveRequest) -> None:
    client = Client()
    client.force_login(team.hedy.user)
    address = reverse("admin:leave_leaverequest_change", args=[asked.pk])

    response = client.post(address, {"status": "approved", "version": "1"})

    asked.refresh_from_db()
    assert response.status_code == 403
    assert (asked.status, asked.version) == ("pending", 1)
