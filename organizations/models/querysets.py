"""Set-based writes of records that speak."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import connections, models, transaction
from django.db.models.expressions import BaseExpression
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations import events
from organizations.models.fence import (
    OrganizationOwned,
    OrganizationQuerySet,
    refuse_out_of_reach,
)

Record = TypeVar("Record", bound=OrganizationOwned)


class StaleRecord(ValidationError):
    """Someone else changed or removed the record since it was read (HTTP 409)."""

    def __init__(self) -> None:
        super().__init__(
            _("Someone else changed this meanwhile. Reload it and try again."),
            code="stale",
        )


def _refuse_expression(name: str, value: object) -> None:
    if isinstance(value, BaseExpression | models.F):
        raise ValueError(  # noqa: TRY004 (a wrong use, not a wrong type)
            f"{name} = <expression> cannot say what changes in each row, so its "
            "events would be lost. Use save()."
        )


class RecordQuerySet(OrganizationQuerySet[Record]):
    """Set-based writes of records that speak: one event a row, sent as one batch."""

    def update(self, **changes: Any) -> int:
        """Change many rows; each that really changes gets a version and an event.

        Raises:
            ValueError: for an expression, which cannot tell beforehand what changes.
        """
        for name, value in changes.items():
            _refuse_expression(name, value)
        with transaction.atomic(using=self.db):
            rows = list(self._locked())
            for row in rows:
                for name, value in changes.items():
                    setattr(row, name, value)
            self._write_changes(rows, list(changes))
            return len(rows)

    def _locked(self) -> models.QuerySet[Any]:
        """Lock the rows, always in the same order, so that two writers queue up."""
        rows: models.QuerySet[Any] = self
        if self.query.group_by is not None or self.query.distinct:
            # PostgreSQL locks rows, not groups of them.
            keys = self.order_by().values("pk")
            rows = self.model._base_manager.using(self.db).filter(pk__in=keys)
        return rows.select_for_update(of=("self",)).order_by("pk")

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(
        self,
        objs: Iterable[Any],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[Any]:
        """Insert many rows and send their events as one batch."""
        if ignore_conflicts or update_conflicts:
            raise ValueError(
                "bulk_create() with conflicts cannot say which rows were written, so "
                "their events would be lost. Look for existing rows first."
            )
        told_as = events.told_plainly(self.model, "created")
        return self._insert_all(list(objs), told_as, batch_size)

    def bulk_create_as(
        self, event_type: events.EventType, records: Sequence[Any]
    ) -> list[Any]:
        """Insert many decisions, each told as this type; as ``save_as``, set by set."""
        return self._insert_all(list(records), event_type, batch_size=2000)

    def _insert_all(
        self,
        records: list[Any],
        told_as: events.Naming | None,
        batch_size: int | None,
    ) -> list[Any]:
        with transaction.atomic(using=self.db):
            for record in records:
                record.version = 1
                record.normalize()
            super().bulk_create(records, batch_size=batch_size)
            refuse_out_of_reach(self.model, [record.pk for record in records])
            for record in records:
                record.remember()
                record.mark_written(None)
            if records and told_as:
                events.emit(told_as, records)
        return records

    def bulk_update(
        self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        """Write the named fields of many rows; unchanged rows are left alone.

        Raises:
            StaleRecord: when one of them was changed meanwhile; nothing is written.
        """
        with transaction.atomic(using=self.db):
            return self._write_changes(list(objs), list(fields), batch_size or 2000)

    def _write_changes(
        self, records: Sequence[Any], fields: list[str], batch_size: int = 2000
    ) -> int:
        changed = [
            (record, names)
            for record in records
            if (names := record.changed_fields(fields))
        ]
        if not changed:
            return 0
        for record, names in changed:
            for name in names:
                _refuse_expression(name, record.__dict__.get(name))
        every_name = {name for _record, names in changed for name in names}
        told_as = events.told_plainly(self.model, "updated", every_name)
        keys = [record.pk for record, _names in changed]
        refuse_out_of_reach(self.model, keys)
        now = timezone.now()
        for start in range(0, len(changed), batch_size):
            batch = [record for record, _names in changed[start : start + batch_size]]
            self._write_batch(batch, sorted({*fields}), now)
        refuse_out_of_reach(self.model, keys)
        for record, _names in changed:
            before = (record.loaded_version, record.updated_at)
            record.version = before[0] + 1
            record.updated_at = now
            record.remember([*fields, "version", "updated_at"])
            record.mark_written(before)
        if told_as:
            events.emit(
                told_as,
                [record for record, _names in changed],
                [names for _record, names in changed],
            )
        return len(changed)

    def _write_batch(
        self, batch: Sequence[Any], names: list[str], now: datetime
    ) -> None:
        """Write one UPDATE … FROM (VALUES …), fenced by each row's version."""
        connection = connections[self.db]
        quote = connection.ops.quote_name
        fields: list[Any] = [self.model._meta.get_field(name) for name in names]
        # Without a length: PostgreSQL cuts what is cast to varchar(100), but refuses
        # what is assigned to it.
        types = (re.sub(r"\(\d+\)", "", field.db_type(connection)) for field in fields)
        casts = ["uuid", "bigint", *types]
        row = "(" + ", ".join(f"%s::{cast}" for cast in casts) + ")"
        columns = ", ".join(quote(field.column) for field in fields)
        assignments = ", ".join(
            f"{quote(field.column)} = given.{quote(field.column)}" for field in fields
        )
        parameters: list[Any] = [now]
        for record in batch:
            parameters += [record.pk, record.loaded_version]
            parameters += [
                field.get_db_prep_save(getattr(record, field.attname), connection)
                for field in fields
            ]
        table = quote(self.model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} AS kept SET {assignments}, "  # noqa: S608
                "version = kept.version + 1, updated_at = %s "
                f"FROM (VALUES {', '.join([row] * len(batch))}) "
                f"AS given (id, version, {columns}) "
                "WHERE kept.id = given.id AND kept.version = given.version",
                parameters,
            )
            if cursor.rowcount != len(batch):
                raise StaleRecord

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the rows; each speaks, and all is sent as one batch."""
        with events.gathered():
            keys = list(self._locked().values_list("pk", flat=True))
            refuse_out_of_reach(self.model, keys)
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]
