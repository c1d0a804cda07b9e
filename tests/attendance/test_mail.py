"""Mail about corrections, sent by a worker after the change is kept."""

import pytest
from django.core.exceptions import ValidationError

from attendance.models import Punch
from attendance.services import (
    Asked,
    AskedPunch,
    NewPunch,
    approve_correction,
    decline_correction,
    record_punch,
    request_correction,
    withdraw_correction,
)
from attendance.tasks import mail_about
from organizations.access import OrganizationAccess
from organizations.roles import Role
from tests.attendance.conftest import MONDAY, at
from tests.factories import EmployeeFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(django_capture_on_commit_callbacks):
    """Return a way to do something, and then what it has asked of the workers."""

    def do(call, *args, **options):
        with django_capture_on_commit_callbacks() as callbacks:
            done = call(*args, **options)
        for callback in callbacks:
            if getattr(callback, "func", None) == mail_about.apply_async:
                mail_about(*callback.args[0])
        return done

    return do


@pytest.fixture
def manager(employee):
    employee.user = UserFactory()
    employee.manager = EmployeeFactory(
        organization=employee.organization, user=UserFactory()
    )
    employee.save()
    return employee.manager


@pytest.fixture
def asked(employee, manager, work):
    record_punch(NewPunch(employee, at("09:00"), Punch.Direction.IN))
    left = AskedPunch(at("17:30"), Punch.Direction.OUT)
    return work(request_correction, Asked(employee, MONDAY, [left]), reason="I forgot.")


@pytest.fixture
def managers_access(manager):
    return OrganizationAccess.of(
        MembershipFactory(
            organization=manager.organization, user=manager.user, role=Role.MANAGER
        )
    )


def test_the_manager_is_told_of_a_correction(
    employee, manager, asked, mailoutbox, settings
):
    (mail,) = mailoutbox

    assert mail.to == [manager.work_email]
    assert mail.subject == f"{employee.name} asks to correct 2 November 2026"
    assert "Add: Clock out, 2 November 2026 17:30 (Europe/Berlin)" in mail.body
    assert "Reason: I forgot." in mail.body
    assert f"{settings.PUBLIC_URL}/inbox/" in mail.body


def test_without_a_manager_hr_is_told_and_never_the_person(employee, work, mailoutbox):
    employee.user, employee.manager = UserFactory(), None
    employee.save()
    hr = MembershipFactory(organization=employee.organization, role=Role.HR)
    MembershipFactory(
        organization=employee.organization, user=employee.user, role=Role.HR
    )
    left = AskedPunch(at("17:30"), Punch.Direction.OUT)

    work(request_correction, Asked(employee, MONDAY, [left]), reason="I forgot.")

    assert [mail.to for mail in mailoutbox] == [[hr.user.email]]


def test_the_person_is_told_of_an_approval(
    employee, asked, managers_access, work, mailoutbox, settings
):
    work(approve_correction, asked, access=managers_access)

    mail = mailoutbox[-1]
    assert mail.to == [employee.work_email]
    assert mail.subject == "Your correction of 2 November 2026 is approved"
    assert f"{settings.PUBLIC_URL}/time/2026-11-02/" in mail.body


def test_the_person_is_told_why_it_is_declined(
    employee, asked, managers_access, work, mailoutbox
):
    work(decline_correction, asked, access=managers_access, reason="You were off.")

    mail = mailoutbox[-1]
    assert mail.to == [employee.work_email]
    assert mail.subject == "Your correction of 2 November 2026 is declined"
    assert "Reason: You were off." in mail.body


def test_the_manager_is_told_when_it_is_withdrawn(
    employee, manager, asked, work, mailoutbox
):
    own = OrganizationAccess.of(
        MembershipFactory(organization=employee.organization, user=employee.user)
    )

    work(withdraw_correction, asked, access=own)

    mail = mailoutbox[-1]
    assert mail.to == [manager.work_email]
    assert mail.subject == f"{employee.name} no longer asks to correct 2 November 2026"


def test_what_is_undone_is_not_mailed(
    employee, manager, django_capture_on_commit_callbacks
):
    left = AskedPunch(at("17:30"), Punch.Direction.OUT)

    with (
        django_capture_on_commit_callbacks() as callbacks,
        pytest.raises(ValidationError, match="Say what happened"),
    ):
        request_correction(Asked(employee, MONDAY, [left]), reason=" ")

    assert callbacks == []
