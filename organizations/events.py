"""The one event type that every app emits, and the signal where they meet.

An app declares its :class:`EventType` s and says with :func:`emit_on_change` which of
them a record speaks by itself. Whatever writes the record (form, admin, API, import,
shell), the record emits exactly one occurrence per change, inside the transaction of
the write; :data:`event_occurred` carries them, always as a batch, to whoever stores
and delivers them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete
from django.dispatch import Signal
from django.utils import timezone
from django.utils.functional import Promise
from uuid_utils.compat import uuid7

from organizations.access import current_access
from organizations.classes import PUBLIC

if TYPE_CHECKING:
    from organizations.models import OrganizationRecord

#: Sent with ``sender=model`` and ``occurrences=list[Occurrence]``, in the transaction
#: of the write. A receiver that raises undoes the write.
event_occurred = Signal()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that happened to one record; the content of one event.

    ``sequence`` is the record's version after the change: gap-free per subject.
    ``changes`` names the changed fields, and is empty when a record came or went.
    ``data`` holds the subject's public fields as the API shows them.
    """

    id: UUID
    type: str
    occurred_at: datetime
    organization_id: UUID
    sequence: int
    subject_type: str
    subject_id: UUID
    subject_url: str
    actor_type: str
    actor_id: str | None
    changes: tuple[str, ...]
    data: dict[str, Any]

    @property
    def public_id(self) -> str:
        """The id as integrators see it: in the body, the header and the API."""
        return f"evt_{self.id.hex}"

    def payload(self) -> dict[str, Any]:
        """Return the body of the event, ready for a JSON encoder that knows UUIDs."""
        return {
            "id": self.public_id,
            "type": self.type,
            "timestamp": self.occurred_at,
            "organization": self.organization_id,
            "sequence": self.sequence,
            "subject": {
                "type": self.subject_type,
                "id": self.subject_id,
                "url": self.subject_url,
            },
            "actor": {"type": self.actor_type, "id": self.actor_id},
            "changes": self.changes,
            "data": self.data,
        }


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event: ``noun.past_participle`` and what it means, for the docs.

    One that is opt-in reaches only the endpoints that name it: no pattern matches it.
    """

    name: str
    description: str | Promise
    is_opt_in: bool = False

    _declared: ClassVar[dict[str, "EventType"]] = {}

    def __post_init__(self) -> None:
        if self.name in self._declared:
            raise ValueError(f"The event type {self.name} is declared twice.")
        self._declared[self.name] = self

    @classmethod
    def all(cls) -> list["EventType"]:
        """Return every declared type, by name."""
        return sorted(cls._declared.values(), key=lambda declared: declared.name)


#: The type that a record speaks, or what tells it by looking at the record.
Naming = EventType | Callable[[Any], EventType]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The types that a model's records speak by themselves; None: never by themselves.

    ``decided`` names the fields that change by a decision alone.
    """

    created: Naming | None = None
    updated: EventType | None = None
    deleted: EventType | None = None
    decided: frozenset[str] = frozenset()


class UndecidedChange(ValueError):
    """A decision was written past the service that takes it, and tells it."""

    def __init__(self, model: type[Model], fields: Iterable[str] = ()) -> None:
        what = ", ".join(sorted(fields)) or "It"
        super().__init__(
            f"{model._meta.label}: {what} changes by a decision, which is told as its "
            "own event. Call the service that takes it; services write it by save_as()."
        )


_spoken: dict[type[Model], Spoken] = {}


def emit_on_change(
    model: type["OrganizationRecord"],
    *,
    created: Naming,
    updated: EventType,
    deleted: EventType,
    decided: Collection[str] = (),
) -> None:
    """Let the records of ``model`` speak however they are written.

    ``created`` may be a function of the record, where there are several kinds.
    ``decided`` names the fields that no plain write may change.
    """
    _speak(model, Spoken(created, updated, deleted, frozenset(decided)))


def emit_by_decision(model: type["OrganizationRecord"]) -> None:
    """Let the records of ``model`` speak by decisions alone; refuse all other writes.

    Their services write with :meth:`OrganizationRecord.save_as`.
    """
    _speak(model, Spoken())


def _speak(model: type["OrganizationRecord"], spoken: Spoken) -> None:
    _spoken[model] = spoken
    post_delete.connect(_emit_deletion, sender=model, dispatch_uid=f"emit-{model}")


def told_plainly(
    model: type[Model], what: str, changes: Iterable[str] = ()
) -> Naming | None:
    """Return the type that tells a plain write, or None where the model is silent.

    ``what`` is "created", "updated" or "deleted". Asked before anything is written.

    Raises:
        UndecidedChange: when a decision alone may write this.
    """
    spoken = _spoken.get(model)
    if spoken is None:
        return None
    naming: Naming | None = getattr(spoken, what)
    decided = spoken.decided.intersection(changes)
    if naming is None or decided:
        raise UndecidedChange(model, decided)
    return naming


def emitting_models() -> list[type[Model]]:
    """Return every model whose records speak."""
    return list(_spoken)


def emit(
    event_type: Naming,
    records: Sequence["OrganizationRecord"],
    changes: Sequence[tuple[str, ...]] | None = None,
) -> None:
    """Tell that ``event_type`` happened to each of ``records``, in one batch.

    ``changes`` names the changed fields of each record, in the same order.
    """
    if not records:
        return
    access = current_access()
    actor_type = access.actor_type if access else "system"
    actor_id = access.actor_id if access else None
    now = timezone.now()
    model = type(records[0])
    base_url = f"{settings.PUBLIC_URL}/api/v1/{model.api_path}/"
    _send(
        model,
        [
            Occurrence(
                id=uuid7(),
                type=_named(event_type, record).name,
                occurred_at=now,
                organization_id=record.organization_id,
                sequence=record.version,
                subject_type=model.subject_type,
                subject_id=record.pk,
                subject_url=f"{base_url}{record.pk}/",
                actor_type=actor_type,
                actor_id=actor_id,
                changes=changes[position] if changes else (),
                data=record.represent(PUBLIC),
            )
            for position, record in enumerate(records)
        ],
    )


def _named(event_type: Naming, record: "OrganizationRecord") -> EventType:
    return event_type if isinstance(event_type, EventType) else event_type(record)


_gathered: ContextVar[list[tuple[type, Occurrence]] | None] = ContextVar(
    "gathered_occurrences", default=None
)


def _send(model: type["OrganizationRecord"], occurrences: list[Occurrence]) -> None:
    waiting = _gathered.get()
    if waiting is None:
        event_occurred.send(sender=model, occurrences=occurrences)
    else:
        waiting.extend((model, occurrence) for occurrence in occurrences)


@contextmanager
def gathered() -> Iterator[None]:
    """Hold what happens inside and send it as one batch at the end.

    For a deletion that cascades: one INSERT instead of one a row. The block is atomic,
    so nothing is held back that is not undone together.
    """
    with transaction.atomic():
        if _gathered.get() is not None:
            yield
            return
        waiting: list[tuple[type, Occurrence]] = []
        token = _gathered.set(waiting)
        try:
            yield
        finally:
            _gathered.reset(token)
        if waiting:
            event_occurred.send(
                sender=waiting[0][0],
                occurrences=[occurrence for _, occurrence in waiting],
            )


def _emit_deletion(
    sender: type["OrganizationRecord"], instance: "OrganizationRecord", **kwargs: object
) -> None:
    """A record that goes counts one version further, so that no sequence repeats."""
    naming = told_plainly(sender, "deleted")
    instance.version += 1
    if naming:
        emit(naming, [instance])
