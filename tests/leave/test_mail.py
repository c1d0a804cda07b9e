"""Mail about requests, sent by a worker after the change is kept."""

from collections.abc import Callable

import pytest

from leave.services import (
    approve_leave,
    cancel_leave,
    decline_leave,
    request_leave,
    withdraw_leave,
)
from leave.tasks import mail_about
from tests.leave.conftest import june

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(django_capture_on_commit_callbacks) -> Callable:
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
def asked(team, work):
    return work(
        request_leave,
        team.ada,
        team.annual,
        first_on=june(1),
        last_on=june(3),
        note="Sea",
    )


def test_the_manager_is_told_of_a_request(team, asked, mailoutbox, settings):
    (mail,) = mailoutbox

    assert mail.to == [team.grace.work_email]
    assert mail.subject == (
        f"{team.ada} asks for leave, 1 June 2026 \N{EN DASH} 3 June 2026"
    )
    assert "Annual leave: 3 days" in mail.body
    assert "Note: Sea" in mail.body
    assert f"{settings.PUBLIC_URL}/inbox/" in mail.body


def test_without_a_manager_hr_is_told(team, mailoutbox, work):
    team.ada.manager = None
    team.ada.save()

    work(request_leave, team.ada, team.annual, first_on=june(1), last_on=june(1))

    assert [mail.to for mail in mailoutbox] == [[team.hedy.user.email]]


@pytest.mark.parametrize(
    ("decide", "answer", "subject"),
    [
        (approve_leave, {}, "Your leave is approved"),
        (decline_leave, {"reason": "Audit week"}, "Your leave is declined"),
    ],
    ids=["approved", "declined"],
)
def test_the_person_is_told_of_a_decision(
    team, asked, mailoutbox, work, decide, answer, subject
):
    mailoutbox.clear()

    work(decide, asked, access=team.access(team.grace), **answer)

    (mail,) = mailoutbox
    assert mail.to == [team.ada.work_email]
    assert mail.subject.startswith(subject)
    assert f"/leave/requests/{asked.pk}/" in mail.body
    assert ("Reason: Audit week" in mail.body) == bool(answer)


def test_the_manager_is_told_that_a_request_is_withdrawn(team, asked, mailoutbox, work):
    mailoutbox.clear()

    work(withdraw_leave, asked, access=team.access(team.ada))

    assert [mail.to for mail in mailoutbox] == [[team.grace.work_email]]


def test_leave_that_is_given_back_is_told(team, asked, mailoutbox, work):
    work(approve_leave, asked, access=team.access(team.grace))
    mailoutbox.clear()

    work(cancel_leave, asked, access=team.access(team.grace))

    assert [mail.subject.split(",")[0] for mail in mailoutbox] == [
        "Your leave is given back"
    ]


def test_nobody_is_mailed_before_the_change_is_kept(team, mailoutbox):
    request_leave(team.ada, team.annual, first_on=june(1), last_on=june(3))

    assert mailoutbox == []
