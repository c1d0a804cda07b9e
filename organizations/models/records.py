"""The record that speaks.

:class:`OrganizationRecord` has a version, raised by the same UPDATE as every change,
and emits exactly one event per change by every way of writing: ``save``, ``delete``,
``update``, ``bulk_create``, ``bulk_update``. What could slip through is refused with a
sentence.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Self

from django.db import connection, models, transaction
from django.db.models.base import ModelBase
from django.db.models.expressions import BaseExpression
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations import events
from organizations.classes import PUBLIC, FieldClass
from organizations.models.fence import (
    FencedManager,
    OrganizationOwned,
    refuse_out_of_reach,
)
from organizations.models.querysets import RecordQuerySet, StaleRecord

BOOKKEEPING = frozenset({"version", "updated_at"})

#: What tells one state of a row from every other: its version and when it came.
State = tuple[int, datetime]


RecordManager = FencedManager.from_queryset(RecordQuerySet)


class RecordBase(ModelBase):
    """Lets also speak what Django writes itself, as in ``department.employees.add()``.

    Django writes through the base manager. Naming one of our own in ``Meta`` would put
    it into every migration.
    """

    @property
    def _base_manager(self) -> models.Manager[Any]:
        return _base_manager_of(self)


@cache
def _base_manager_of(model: Any) -> models.Manager[Any]:
    manager = models.Manager.from_queryset(RecordQuerySet)()
    manager.model = model
    manager.name = "_base_manager"
    return manager


class OrganizationRecord(OrganizationOwned, metaclass=RecordBase):
    """A record whose every change is told, exactly once.

    ``version`` starts at 1 and counts every change: it is the event's gap-free
    sequence and the ETag that keeps two writers from overwriting each other. A save
    that changes nothing writes nothing.
    """

    version = models.BigIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(
        _("last changed"), default=timezone.now, editable=False
    )

    #: How events and the API name and address the record.
    subject_type: ClassVar[str] = ""
    api_path: ClassVar[str] = ""
    field_classes: ClassVar[Mapping[str, FieldClass]] = {
        "version": PUBLIC,
        "created_at": PUBLIC,
        "updated_at": PUBLIC,
    }

    objects = RecordManager()  # type: ignore[assignment,misc]

    _loaded: dict[str, Any]
    _speaks: events.EventType | None = None
    _written_in: list[Any] | None = None
    _own_states: frozenset[State | None] = frozenset()

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls,
        db: str | None,
        field_names: Collection[str],
        values: Collection[Any],
        **options: Any,
    ) -> Self:
        record = super().from_db(db, field_names, values, **options)
        # On the way of every row that is read, so: a copy, and depth where needed.
        loaded = record.__dict__.copy()
        del loaded["_state"]
        for name, value in loaded.items():
            if isinstance(value, list | dict):
                loaded[name] = deepcopy(value)
        record._loaded = loaded
        return record

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)
        fields = kwargs.get("fields") or (args[1] if len(args) > 1 else None)
        self.remember(fields)
        if fields is None:
            self._own_states |= {(self.version, self.updated_at)}

    def remember(self, names: Iterable[str] | None = None) -> None:
        """Take the present values for what the database holds."""
        present = self.__dict__
        # A dictionary of its own: a copy of the record may hold the one before.
        kept = dict(present.get("_loaded", {}))
        wanted = set(names) if names is not None else None
        for field in self._meta.concrete_fields:
            if field.attname not in present:
                continue
            if wanted is None or field.name in wanted or field.attname in wanted:
                value = present[field.attname]
                kept[field.attname] = (
                    deepcopy(value) if isinstance(value, list | dict) else value
                )
        self._loaded = kept

    @property
    def loaded_version(self) -> int:
        """The version that was read, which a write must still find."""
        version: int = self._loaded.get("version", self.version)
        return version

    def normalize(self) -> None:
        """Turn what was assigned (a date as text, say) into what will be read back."""
        for field in self._meta.concrete_fields:
            value = self.__dict__.get(field.attname)
            if value is None or isinstance(value, BaseExpression | models.F):
                continue
            loaded = self.__dict__.get("_loaded", {})
            if field.attname in loaded and loaded[field.attname] is value:
                continue
            # To the attribute's name: a related object that is cached stays cached.
            self.__dict__[field.attname] = field.to_python(value)

    def changed_fields(self, among: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return the names of the fields that differ from what was read."""
        self._make_sure()
        self.normalize()
        wanted = None if among is None else set(among)
        loaded = self._loaded
        return tuple(
            field.name
            for field in self._meta.concrete_fields
            if field.name not in BOOKKEEPING
            and field.attname in self.__dict__
            and (wanted is None or field.name in wanted or field.attname in wanted)
            and loaded.get(field.attname, _UNREAD) != self.__dict__[field.attname]
        )

    def mark_written(self, before: State | None) -> None:
        """Note a write whose transaction may still be undone.

        ``before`` is the state that the write replaced, None for a new row.
        """
        if not connection.in_atomic_block:
            self._written_in = None
            return
        if self._written_in is None:
            self._own_states = frozenset({before})
        self._own_states |= {(self.version, self.updated_at)}
        self._written_in = connection.run_on_commit

    def _is_sure(self) -> bool:
        """Say whether our last write still stands in the running transaction.

        Django puts a new list in place of ``run_on_commit`` whenever a transaction
        ends or a savepoint is rolled back: the same list means nothing was undone.
        """
        return connection.in_atomic_block and (
            connection.run_on_commit is self._written_in
        )

    def _make_sure(self) -> None:
        """After a transaction that we wrote in, look how much of it was undone.

        Otherwise a save after a rollback would see no change and write nothing.
        """
        if self._written_in is None or self._is_sure():
            return
        kept = type(self)._base_manager.filter(pk=self.pk).values(*self._loaded).first()
        state = kept and (kept["version"], kept["updated_at"])
        if state not in self._own_states:
            raise StaleRecord
        self._written_in = None
        if kept is None:
            self._state.adding = True
        else:
            self._loaded = kept

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write what changed, raise the version, emit one event; or do nothing.

        Raises:
            StaleRecord: when the row was changed or removed since it was read.
            UndecidedChange: when a decision alone may write this.
        """
        if not self._state.adding:
            self._make_sure()
        if self._state.adding:
            self._insert(*args, **kwargs)
        else:
            self._change(*args, **kwargs)

    def save_as(self, event_type: events.EventType) -> None:
        """Save a decision: its one event is of this type, not a plain update.

        For services alone: what is decided is written by no other way.
        """
        self._speaks = event_type
        try:
            self.save()
        finally:
            self._speaks = None

    def _insert(self, *args: Any, **kwargs: Any) -> None:
        told_as = self._told_as("created")
        self.version = 1
        self.normalize()
        kwargs.pop("update_fields", None)
        try:
            with transaction.atomic(using=kwargs.get("using"), savepoint=False):
                super().save(*args, **{**kwargs, "force_insert": True})
                refuse_out_of_reach(type(self), [self.pk])
                self._settle()
                self._emit(told_as)
        except BaseException:
            # Whoever stores the event may refuse: the row is undone, so it is new yet.
            self._state.adding = True
            raise
        self.mark_written(None)

    def _change(self, *args: Any, **kwargs: Any) -> None:
        kwargs.pop("force_update", None)
        changes = self.changed_fields(kwargs.pop("update_fields", None))
        if not changes:
            return
        told_as = self._told_as("updated", changes)
        before, loaded = (self.loaded_version, self.updated_at), self._loaded
        self.version = self.loaded_version + 1
        self.updated_at = timezone.now()
        try:
            with transaction.atomic(using=kwargs.get("using"), savepoint=False):
                refuse_out_of_reach(type(self), [self.pk])
                super().save(
                    *args, **kwargs, update_fields=[*changes, "version", "updated_at"]
                )
                refuse_out_of_reach(type(self), [self.pk])
                self._settle(changes)
                self._emit(told_as, changes)
        except BaseException:
            self.version, self.updated_at = before
            self._loaded = loaded
            raise
        self.mark_written(before)

    def _settle(self, changes: Sequence[str] | None = None) -> None:
        """Read back what the database computed, then remember the row as written."""
        computed = [
            field.name
            for field in self._meta.concrete_fields
            if isinstance(self.__dict__.get(field.attname), BaseExpression | models.F)
        ]
        if computed:
            self.refresh_from_db(fields=computed)
        self.remember([*changes, *BOOKKEEPING] if changes is not None else None)

    def _told_as(
        self, what: str, changes: tuple[str, ...] = ()
    ) -> events.Naming | None:
        return self._speaks or events.told_plainly(type(self), what, changes)

    def _emit(
        self, told_as: events.Naming | None, changes: tuple[str, ...] = ()
    ) -> None:
        if told_as:
            events.emit(told_as, [self], [changes])

    def _do_update(  # type: ignore[override]
        self, base_qs: models.QuerySet[Any], *args: Any, **kwargs: Any
    ) -> bool:
        fenced = base_qs.filter(version=self.loaded_version)
        if not super()._do_update(fenced, *args, **kwargs):
            raise StaleRecord
        return True

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row and what cascades from it; all of it speaks, as one batch.

        Raises:
            StaleRecord: when it is gone already.
        """
        with events.gathered():
            rows = type(self)._base_manager.select_for_update(of=("self",))
            version = rows.filter(pk=self.pk).values_list("version", flat=True).first()
            if version is None:
                raise StaleRecord
            refuse_out_of_reach(type(self), [self.pk])
            self.version = version
            return super().delete(*args, **kwargs)


@receiver(pre_save)
def refuse_fixtures(sender: type[models.Model], raw: bool, **signal: object) -> None:
    """Refuse ``loaddata``, which writes past ``save``, versions and events."""
    if raw and issubclass(sender, OrganizationRecord):
        raise ValueError(
            f"{sender._meta.label} is not loaded from fixtures: its events would be "
            "lost. Use the import, the API or a service."
        )


_UNREAD = object()
