"""The catalogue of events as a document, drawn from their declarations."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import models
from drf_spectacular.drainage import get_override

from organizations.classes import INTERNAL, PUBLIC
from organizations.events import EventType, emitting_models
from organizations.models import OrganizationRecord
from people_hr.api import router

EVENT_ID = "evt_01963a5e7c2e7d4a9a5e1f0c2b3d4e5f"
ORGANIZATION_ID = "01963a5e-0000-7000-8000-000000000001"
USER_ID = "01963a5e-0000-7000-8000-000000000002"
SUBJECT_ID = "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"
MOMENT = "2026-03-02T09:30:00.000000Z"

INTRODUCTION = """\
# Events

<!-- Printed by `script/manage print_events`; a test compares. -->

Every change of a record is one event, whichever way it was written: admin, page, API,
import, command. It is stored in the transaction of the change, kept in the log for
30 days (`GET /api/v1/events/`) and sent to every webhook endpoint that asks for it
(`docs/webhooks.md`). An endpoint asks for types by name (`employee.updated`), for all
of a noun (`employee.*`), or for everything (`*`).

## What every event holds

| Member | Meaning |
| --- | --- |
| `id` | `evt_` and a UUIDv7; the same in the `webhook-id` header of every attempt |
| `type` | noun and what happened to it |
| `timestamp` | when, in UTC |
| `organization` | the id of the organization |
| `sequence` | the subject's version after the change: 1, 2, 3, without a gap |
| `subject` | `type`, `id` and `url` of what changed |
| `actor` | who did it: `type` (`user`, `import`, `system`) and `id` |
| `changes` | the names of the changed fields, also of those that `data` leaves out; \
empty when a record came or went |
| `data` | the subject's public fields after the change, as the API shows them |

`data` holds fields of the class *public* alone. Personal and sensitive fields are read
by API, under the scopes of the reader. References are ids.
"""
KINDS: tuple[tuple[type, str, Any], ...] = (
    (models.UUIDField, "id", SUBJECT_ID),
    (models.ForeignKey, "id", SUBJECT_ID),
    (models.DateTimeField, "moment", MOMENT),
    (models.DateField, "date", "2026-03-02"),
    (models.BooleanField, "yes or no", True),
    (models.DecimalField, "decimal, as text", "1.00"),
    (models.IntegerField, "whole number", 1),
)


def catalogue() -> str:
    """Return the whole document."""
    by_noun = groupby(EventType.all(), key=lambda declared: declared.name.split(".")[0])
    chapters = [_chapter(noun, list(types)) for noun, types in by_noun]
    return "\n".join([INTRODUCTION, *chapters])


def _chapter(noun: str, types: list[EventType]) -> str:
    lines = [f"## {noun}", "", "| Type | When |", "| --- | --- |"]
    lines += [f"| `{declared.name}` | {declared.description} |" for declared in types]
    model = _model_of(noun)
    if model is not None:
        lines += ["", *_fields(model), "", *_example(model, types)]
    return "\n".join([*lines, ""])


def _model_of(noun: str) -> type[OrganizationRecord] | None:
    """Return the model whose records the events of a noun are about."""
    speaking = set(emitting_models())
    return next(
        (
            model
            for model in apps.get_models()
            if issubclass(model, OrganizationRecord)
            and model in speaking
            and model.subject_type == noun
        ),
        None,
    )


def _fields(model: type[OrganizationRecord]) -> Iterator[str]:
    classes = model.classes()
    yield "| Field | Class | In `data` | Kind |"
    yield "| --- | --- | --- | --- |"
    for name, field_class in classes.items():
        if field_class is not INTERNAL:
            is_shown = "yes" if field_class is PUBLIC else ""
            kind = _kind(model, name)
            yield f"| `{name}` | {field_class.value} | {is_shown} | {kind} |"


def _concrete(model: type[OrganizationRecord], name: str) -> Any:
    fields = {field.name: field for field in model._meta.concrete_fields}
    return fields.get(name)


def _kind(model: type[OrganizationRecord], name: str) -> str:
    field = _concrete(model, name)
    if field is None:
        return "computed"
    kind = next((word for cls, word, _ in KINDS if isinstance(field, cls)), "text")
    if field.choices:
        kind = ", ".join(f"`{value}`" for value, _label in field.flatchoices)
    elif field.is_relation:
        kind = f"{field.related_model._meta.verbose_name}'s id"
    return f"{kind}, or null" if field.null else kind


def _example(model: type[OrganizationRecord], types: list[EventType]) -> Iterator[str]:
    name = next(
        (declared.name for declared in types if declared.name.endswith(".updated")),
        types[0].name,
    )
    shown = [field for field, kept in model.classes().items() if kept is PUBLIC]
    given = _given_example(model)
    data = {field: given.get(field, _value(model, field)) for field in shown}
    own = [name for name in shown if name in model.field_classes and data[name]]
    event = {
        "id": EVENT_ID,
        "type": name,
        "timestamp": MOMENT,
        "organization": ORGANIZATION_ID,
        "sequence": data["version"],
        "subject": {
            "type": model.subject_type,
            "id": data["id"],
            "url": f"https://hr.example.com/api/v1/{model.api_path}/{data['id']}/",
        },
        "actor": {"type": "user", "id": USER_ID},
        "changes": own[-1:] if name.endswith(".updated") else [],
        "data": data,
    }
    yield "```json"
    yield json.dumps(event, indent=2, ensure_ascii=False)
    yield "```"


def _given_example(model: type[OrganizationRecord]) -> dict[str, Any]:
    """Return the example that the API's documents give of a record, if any."""
    for _prefix, viewset, _basename in router.registry:
        serializer: Any = getattr(viewset, "serializer_class", None)
        if serializer is not None and serializer.Meta.model is model:
            for example in get_override(serializer, "examples", []):
                if example.response_only:
                    value: dict[str, Any] = example.value
                    return value
    return {}


def _value(model: type[OrganizationRecord], name: str) -> Any:
    field = _concrete(model, name)
    if field is None or field.null:
        return None
    if field.choices:
        return field.flatchoices[0][0]
    return next((value for cls, _, value in KINDS if isinstance(field, cls)), "")
