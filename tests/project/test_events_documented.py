"""docs/events.md says what is declared, and its examples are what is sent."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from employees.models import Employee
from integrations.webhooks.models import Event
from organizations.classes import PUBLIC
from organizations.events import EventType, emitting_models
from people_hr.event_catalogue import catalogue
from tests.factories import EmployeeFactory

DOCUMENT = settings.BASE_DIR / "docs" / "events.md"


def examples() -> list[dict[str, Any]]:
    return [
        json.loads(block)
        for block in re.findall(r"```json\n(.*?)```", catalogue(), re.DOTALL)
    ]


def test_the_document_is_what_the_command_prints(capsys: Any) -> None:
    call_command("print_events")

    assert DOCUMENT.read_text() == capsys.readouterr().out, (
        "Run: script/manage print_events > docs/events.md"
    )


def test_every_declared_type_is_in_the_document() -> None:
    document = DOCUMENT.read_text()

    missing = [e.name for e in EventType.all() if f"| `{e.name}` |" not in document]
    assert missing == []


def test_every_model_that_speaks_has_an_example_of_its_public_fields() -> None:
    shown = {example["subject"]["type"]: example["data"] for example in examples()}

    for model in emitting_models():
        public = [name for name, kept in model.classes().items() if kept is PUBLIC]
        assert list(shown[model.subject_type]) == public


@pytest.mark.django_db
def test_an_example_has_the_form_of_what_is_sent() -> None:
    employee = Employee.objects.get(pk=EmployeeFactory().pk)
    employee.first_name = "Grace"
    employee.save()
    sent = json.loads(Event.objects.get(type="employee.updated").body)
    example = next(e for e in examples() if e["type"] == "employee.updated")

    assert list(sent) == list(example)
    for member in ("subject", "actor", "data"):
        assert list(sent[member]) == list(example[member])
    assert type(sent["sequence"]) is type(example["sequence"])
    assert len(sent["id"]) == len(example["id"])
