import datetime as dt
import threading

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from employees.importing.applying import lock_imports
from employees.importing.dates import DateOrder
from employees.importing.errors import UnusableFileError
from employees.importing.progress import ProgressNote, is_silent, read_progress
from employees.importing.services import apply_import, start_import, upload_import
from employees.models import Employee, EmployeeImport
from tests.factories import EmployeeFactory, UserFactory

HEADER = "Number,First Name,Last Name,Email,Hire Date"
FILE = f"""{HEADER}
1,Ada,Lovelace,ada@example.com,2024-03-01
2,Ben,Ng,ben@example.com,2024-04-01
"""
NOW = dt.datetime(2026, 6, 15, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def upload(organization):
    """Upload a file: ``upload(text)``."""

    def upload_(text: str = FILE, **options: object) -> EmployeeImport:
        return upload_import(
            organization,
            file_name="people.csv",
            content=text.encode(),
            uploaded_by=UserFactory(),
            **options,
        )

    return upload_


def outcome(upload: EmployeeImport) -> tuple[str, str]:
    upload.refresh_from_db()
    return upload.status, upload.message


def test_an_upload_is_planned_and_changes_nothing(upload):
    planned = upload()

    planned.refresh_from_db()
    assert planned.status == "planned"
    assert (planned.new_count, planned.changed_count, planned.refused_count) == (
        2,
        0,
        0,
    )
    assert [row["name"] for row in planned.report["new"]] == ["Ada Lovelace", "Ben Ng"]
    assert bytes(planned.content) == FILE.encode()
    assert Employee.objects.count() == 0


def test_what_the_person_says_about_the_file_is_used(upload):
    planned = upload(
        "Number,First Name,Last Name,Email,Birth Date\n"
        "1,Ada,Lovelace,ada@example.com,03/04/1990\n",
        date_order=DateOrder.DAY_FIRST,
        hired_on=dt.date(2024, 3, 1),
    )
    apply_import(start_import(planned, started_by=UserFactory()).pk)

    ada = Employee.objects.get()
    assert (ada.born_on, ada.hired_on) == (dt.date(1990, 4, 3), dt.date(2024, 3, 1))


def test_a_file_that_can_not_be_read_is_not_kept(upload):
    with pytest.raises(UnusableFileError):
        upload("no header that is known\n1\n")

    assert EmployeeImport.objects.count() == 0


def test_an_import_is_applied_in_the_name_of_who_started_it(upload, occurrences):
    planned, user = upload(), UserFactory()

    with time_machine.travel(NOW, tick=False):
        apply_import(start_import(planned, started_by=user).pk)

    assert outcome(planned) == ("applied", "")
    assert (planned.started_by, planned.applied_at) == (user, NOW)
    assert [(o.type, o.actor_type, o.actor_id) for o in occurrences] == [
        ("employee.created", "import", str(user.pk))
    ] * 2


def test_a_second_click_is_told_by_whom_and_when(upload):
    planned = upload()
    with time_machine.travel(NOW, tick=False):
        user = UserFactory(first_name="Miriam", last_name="Okafor")
        start_import(planned, started_by=user)
        with pytest.raises(ValidationError) as running:
            start_import(planned, started_by=UserFactory())
        apply_import(planned.pk)
        with pytest.raises(ValidationError) as applied:
            start_import(planned, started_by=UserFactory())

    by = "started by Miriam Okafor on 2026-06-15 12:00 UTC."
    assert running.value.messages == [f"This import is running already, {by}"]
    assert applied.value.messages == [f"This import was applied already, {by}"]


def test_a_task_that_is_delivered_twice_writes_once(upload, occurrences):
    planned = start_import(upload(), started_by=UserFactory())
    apply_import(planned.pk)
    occurrences.clear()

    apply_import(planned.pk)

    assert occurrences == []
    assert outcome(planned) == ("applied", "")


def test_a_refused_upload_is_not_started(upload):
    refused = upload(f"{HEADER}\n1,Ada,,ada@example.com,2024-03-01\n")

    assert refused.status == "refused"
    with pytest.raises(ValidationError) as caught:
        start_import(refused, started_by=UserFactory())
    assert caught.value.code == "refused"


def test_what_changed_since_the_dry_run_is_shown_again_before_it_is_written(
    organization, upload
):
    planned = start_import(upload(), started_by=UserFactory())
    EmployeeFactory(organization=organization, number="1", last_name="Byron")

    apply_import(planned.pk)

    status, message = outcome(planned)
    assert status == "planned"
    assert message.startswith("Employees changed since the dry run")
    assert (planned.new_count, planned.changed_count) == (1, 1)
    assert Employee.objects.count() == 1

    apply_import(start_import(planned, started_by=UserFactory()).pk)
    assert outcome(planned) == ("applied", "")
    assert Employee.objects.count() == 2


def test_an_import_that_would_now_be_refused_says_so(organization, upload):
    planned = start_import(upload(), started_by=UserFactory())
    EmployeeFactory(organization=organization, number="1")
    EmployeeFactory(organization=organization, work_email="ada@example.com")

    apply_import(planned.pk)

    assert outcome(planned)[0] == "refused"
    assert planned.refused_count == 1


def test_a_fault_undoes_everything_and_is_told(upload, monkeypatch):
    planned = start_import(upload(), started_by=UserFactory())

    def fault(self: object, done: int, total: int) -> None:
        if done:
            raise MemoryError

    monkeypatch.setattr(ProgressNote, "__call__", fault)
    with pytest.raises(MemoryError):
        apply_import(planned.pk)

    status, message = outcome(planned)
    assert status == "failed"
    assert message.startswith("Nothing was imported")
    assert Employee.objects.count() == 0


def test_progress_can_be_followed(upload):
    planned = start_import(upload(), started_by=UserFactory())
    before = read_progress(planned)

    ProgressNote(planned.pk)(1, 2)

    assert (before["done"], before["total"]) == (0, 0)
    assert (read_progress(planned)["done"], read_progress(planned)["total"]) == (1, 2)


def test_an_import_whose_worker_died_can_be_started_again(upload):
    with time_machine.travel(NOW, tick=False) as clock:
        planned = start_import(upload(), started_by=UserFactory())
        clock.shift(59)
        assert not is_silent(planned)
        clock.shift(2)
        assert is_silent(planned)
        again = start_import(planned, started_by=UserFactory())

    assert again.started_at == NOW + dt.timedelta(seconds=61)
    apply_import(planned.pk)
    assert outcome(planned) == ("applied", "")


def test_the_progress_of_an_earlier_start_does_not_count(upload):
    planned = upload()
    ProgressNote(planned.pk)(1, 2)

    started = start_import(planned, started_by=UserFactory())

    assert read_progress(started)["total"] == 0
    cache.clear()


def test_a_cache_that_is_away_does_not_stop_an_import(upload, settings):
    planned = start_import(upload(), started_by=UserFactory())
    location = "redis://127.0.0.1:1/0"  # where nobody listens
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": location}}

    apply_import(planned.pk)

    assert outcome(planned) == ("applied", "")


@pytest.mark.django_db(transaction=True)
def test_an_import_waits_in_line_and_another_start_is_told_to(organization, upload):
    first = start_import(upload(), started_by=UserFactory())
    second = upload(FILE.replace("Lovelace", "Byron"))
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock_imports(organization)
            holding.set()
            done.wait(10)
        connection.close()

    def apply() -> None:
        apply_import(first.pk)
        connection.close()

    holder, worker = threading.Thread(target=hold), threading.Thread(target=apply)
    holder.start()
    holding.wait(10)
    worker.start()
    try:
        with pytest.raises(ValidationError) as caught:
            start_import(second, started_by=UserFactory())
    finally:
        done.set()
        holder.join()
        worker.join()

    assert caught.value.code == "import_running"
    assert outcome(first) == ("applied", "")
