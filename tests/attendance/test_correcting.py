import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from attendance.models import CorrectedPunch, Correction, Punch
from attendance.services import (
    Asked,
    AskedPunch,
    approve_correction,
    decline_correction,
    preview_correction,
    request_correction,
    void_punch,
    withdraw_correction,
)
from organizations.access import OrganizationAccess
from tests.attendance.conftest import (
    EVENING,
    MONDAY,
    access_of,
    at,
    codes_of,
    press,
    result_of,
)
from tests.factories import EmployeeFactory, UserFactory

pytestmark = pytest.mark.django_db

OUT = Punch.Direction.OUT


@pytest.fixture
def asked(employee) -> Asked:
    """Somebody forgot to clock out at 17:30."""
    press(employee, "in", "09:00")
    return Asked(employee, MONDAY, [AskedPunch(at("17:30"), OUT)])


@pytest.fixture
def manager(employee) -> OrganizationAccess:
    return access_of(employee.organization, employee.manager.user, "attendance:approve")


@pytest.fixture
def hr(employee) -> OrganizationAccess:
    return access_of(employee.organization, UserFactory(), "attendance:approve_all")


def test_the_consequence_is_shown_before_it_is_asked_for(asked):
    with time_machine.travel(EVENING + dt.timedelta(days=1), tick=False):
        before, after = preview_correction(asked)

    assert (before.status, before.worked_minutes) == ("missing_punch", 0)
    assert (after.status, after.worked_minutes) == ("present", 510)
    assert Punch.objects.count() == 1
    assert not Correction.objects.exists()


def test_asking_keeps_the_figures_and_changes_nothing_yet(asked, told):
    correction = request_correction(asked, reason=" Forgot to clock out ")

    assert correction.reason == "Forgot to clock out"
    assert correction.before["worked_minutes"] == 0
    assert correction.after == {
        "status": "present",
        "worked_minutes": 510,
        "break_minutes": 0,
        "required_minutes": 480,
        "difference_minutes": 30,
        "late_minutes": 0,
    }
    assert [each.type for each in told] == ["correction.submitted"]
    assert Punch.objects.count() == 1


def test_the_managers_approval_applies_it(asked, manager, told):
    correction = request_correction(asked, reason="Forgot")
    told.clear()

    approved = approve_correction(correction, access=manager)

    assert result_of(asked.employee) == ("present", 510)
    added = Punch.objects.get(direction=OUT)
    assert (added.source, added.punched_at) == ("correction", at("17:30"))
    assert (approved.status, approved.decided_by) == ("approved", manager.user)
    assert approved.applied["before"]["worked_minutes"] == 0
    assert approved.applied["after"]["worked_minutes"] == 510
    assert CorrectedPunch.objects.get().punch == added
    assert sorted(each.type for each in told) == [
        "attendance.checked_out",
        "attendance_day.changed",
        "correction.approved",
    ]


def test_a_wrong_punch_is_voided_and_stays_to_be_seen(employee, hr):
    press(employee, "in", "09:00")
    wrong = press(employee, "out", "12:00")
    press(employee, "out", "17:00")
    correction = request_correction(
        Asked(employee, MONDAY, void=[wrong]), reason="Not me"
    )

    approve_correction(correction, access=hr)

    voided = Punch.objects.get(pk=wrong.pk)
    assert (voided.is_voided, voided.void_reason) == (True, "Not me")
    assert result_of(employee) == ("present", 480)


def test_what_happened_meanwhile_is_left_as_it_is(employee, hr):
    press(employee, "in", "09:00")
    wrong = press(employee, "out", "12:00")
    asked = Asked(employee, MONDAY, [AskedPunch(at("17:00"), OUT)], [wrong])
    correction = request_correction(asked, reason="Not me")
    void_punch(wrong, reason="HR saw it")
    press(employee, "out", "17:00")

    approve_correction(correction, access=hr)

    assert Punch.objects.get(pk=wrong.pk).void_reason == "HR saw it"
    assert Punch.objects.count() == 3
    assert result_of(employee) == ("present", 480)


def test_who_decides_second_is_told_by_whom_and_when(asked, manager, hr):
    correction = request_correction(asked, reason="Forgot")
    approve_correction(correction, access=manager)

    with pytest.raises(ValidationError) as error:
        decline_correction(correction, access=hr, reason="No")

    assert error.value.error_list[0].code == "decided"
    assert error.value.messages == [
        f"This correction was approved by {manager.user} on 2 November 2026, 19:00."
    ]
    assert Correction.objects.get().status == "approved"


def test_a_decline_says_why_and_changes_no_day(asked, manager, told):
    correction = request_correction(asked, reason="Forgot")
    told.clear()
    with pytest.raises(ValidationError):
        decline_correction(correction, access=manager, reason=" ")

    declined = decline_correction(correction, access=manager, reason="You left at five")

    assert declined.decline_reason == "You left at five"
    assert [each.type for each in told] == ["correction.declined"]
    assert Punch.objects.count() == 1


def test_one_may_take_it_back_until_it_is_decided(asked, manager, told):
    correction = request_correction(asked, reason="Forgot")
    told.clear()
    oneself = access_of(manager.organization, asked.employee.user)
    with pytest.raises(PermissionDenied):
        withdraw_correction(correction, access=manager)
    withdraw_correction(correction, access=oneself)

    with pytest.raises(ValidationError) as error:
        approve_correction(correction, access=manager)

    assert error.value.messages == ["This correction was withdrawn already."]
    assert [each.type for each in told] == ["correction.withdrawn"]


def test_nobody_decides_their_own(asked):
    correction = request_correction(asked, reason="Forgot")
    oneself = access_of(
        asked.employee.organization,
        asked.employee.user,
        "attendance:approve",
        "attendance:approve_all",
    )

    with pytest.raises(PermissionDenied):
        approve_correction(correction, access=oneself)


def test_another_manager_does_not_decide(asked):
    other = EmployeeFactory(
        organization=asked.employee.organization, user=UserFactory()
    )
    correction = request_correction(asked, reason="Forgot")
    access = access_of(other.organization, other.user, "attendance:approve")

    with pytest.raises(PermissionDenied):
        approve_correction(correction, access=access)


def test_the_manager_of_the_day_decides_not_the_one_before(asked, manager):
    correction = request_correction(asked, reason="Forgot")
    asked.employee.refresh_from_db()
    asked.employee.manager = None
    asked.employee.save()

    with pytest.raises(PermissionDenied):
        approve_correction(correction, access=manager)


@pytest.mark.parametrize(
    ("add", "code"),
    [
        ([], "nothing"),
        ([AskedPunch(at("19:06"), OUT)], "future"),
        ([AskedPunch(at("17:00", dt.date(2026, 10, 31)), OUT)], "another_day"),
        ([AskedPunch(at("17:00"), OUT)] * 2, "duplicate"),
        ([AskedPunch(at("09:00"), Punch.Direction.IN)], "duplicate"),
    ],
)
def test_what_no_day_could_be_corrected_by_is_refused(employee, add, code):
    press(employee, "in", "09:00")

    with pytest.raises(ValidationError) as error:
        request_correction(Asked(employee, MONDAY, add), reason="Forgot")

    assert codes_of(error.value) == [code]
    assert not Correction.objects.exists()


def test_a_punch_of_somebody_else_is_not_found(employee):
    stranger = EmployeeFactory()
    theirs = press(stranger, "in", "09:00")

    with pytest.raises(ValidationError) as error:
        request_correction(Asked(employee, MONDAY, void=[theirs]), reason="Not me")

    assert error.value.error_dict["void"][0].code == "not_found"


def test_one_correction_of_a_day_is_pending_at_a_time(asked):
    request_correction(asked, reason="Forgot")

    with pytest.raises(ValidationError) as error:
        request_correction(asked, reason="Forgot again")

    assert "A correction of this day is pending." in error.value.messages


def test_a_reason_is_asked_for(asked):
    with pytest.raises(ValidationError) as error:
        request_correction(asked, reason="")

    assert error.value.message_dict == {"reason": ["Say what happened."]}


def test_who_waits_for_whom(asked, manager, hr):
    correction = request_correction(asked, reason="Forgot")
    other = EmployeeFactory(organization=manager.organization, user=UserFactory())
    stranger = access_of(manager.organization, other.user, "attendance:approve")
    oneself = access_of(
        manager.organization, asked.employee.user, "attendance:approve_all"
    )

    waiting = [
        list(Correction.objects.to_decide(access))
        for access in (manager, hr, stranger, oneself)
    ]

    assert waiting == [[correction], [correction], [], []]
