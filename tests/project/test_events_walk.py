"""Every way of writing tells each change once.

The registries are walked: the admin, the pages, the API, commands, services and tasks.
Each way that is found is in one of two tables of ``tests/project/ways``: ``WRITES``
performs it and says what it must tell; ``SILENT`` says why it changes no record. A new
way is in neither, and fails.
"""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse

from integrations.webhooks.models import Event
from organizations.access import acting
from organizations.events import EventType, emitting_models
from organizations.roles import Role
from tests.api import ApiClient
from tests.project.ways import SILENT, WRITES, Stage, every_way

pytestmark = pytest.mark.django_db


def is_silent(name: str) -> bool:
    """Say whether a way is in the table of those that write no record."""
    return any(fnmatchcase(name, pattern) for pattern in SILENT)


@pytest.fixture
def stage(member_client: Any, tmp_path: Path) -> Stage:
    browser = member_client(Role.OWNER)
    organization = browser.membership.organization
    return Stage(organization, browser, ApiClient(browser.membership), tmp_path)


def test_every_way_of_writing_is_known() -> None:
    found = every_way()

    unknown = {name for name in found if name not in WRITES and not is_silent(name)}
    assert unknown == set(), "Say in WRITES what they tell, or in SILENT why nothing."
    assert WRITES.keys() - found == set(), "These are gone."


def test_every_reason_to_be_silent_is_needed() -> None:
    found = every_way()

    unused = [
        pattern
        for pattern in SILENT
        if not any(fnmatchcase(name, pattern) for name in found)
    ]
    assert unused == []


@pytest.mark.parametrize("name", sorted(WRITES))
def test_each_change_is_told_once(name: str, stage: Stage) -> None:
    write = WRITES[name](stage)
    before = set(Event.objects.values_list("pk", flat=True))

    with acting(None):
        answer = write.do()

    if isinstance(answer, HttpResponse):
        assert answer.status_code < 400, answer.content
    new = Event.objects.exclude(pk__in=before)
    assert sorted(event.type for event in new) == sorted(write.tells)
    assert_no_gaps()


def assert_no_gaps() -> None:
    """Each record's events count its versions: 1, 2, 3, none twice, none left out."""
    for model in emitting_models():
        for pk, version in model._base_manager.values_list("pk", "version"):
            told = Event.objects.filter(subject_id=pk).order_by("sequence")
            sequences = list(told.values_list("sequence", flat=True))
            assert sequences == list(range(1, version + 1)), (model, pk)


def test_every_declared_type_is_told_by_some_way(
    stage: Stage,
) -> None:
    told: set[str] = set()
    for prepare in WRITES.values():
        with transaction.atomic():
            told.update(prepare(stage).tells)
            transaction.set_rollback(True)

    assert told == {declared.name for declared in EventType.all()}
