"""Adding and changing many records of a resource at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.bulk.items import Result, answer_items, items_of
from organizations.http import PreconditionFailed, entity_tag
from organizations.models import OrganizationRecord
from organizations.viewsets import OrganizationViewSet


@dataclass(slots=True)
class Batch:
    """The records that the items name, read at once."""

    by_id: dict[str, OrganizationRecord] = field(default_factory=dict)
    by_key: dict[str, OrganizationRecord] = field(default_factory=dict)


class BulkViewSet(OrganizationViewSet):
    """Adds and changes many records at once; see :func:`bulk_of`."""

    #: The field by which other systems name a record.
    bulk_key: ClassVar[str] = ""

    def answer_bulk(self, request: Request) -> Response:
        """Do what each item says; tell what became of it.

        Raises:
            ValidationError: when the body holds no list of items, or too many.
        """
        items = items_of(request)
        batch = self._named(items)
        return answer_items(
            request,
            items,
            lambda item: self._apply(batch, item),
            lambda item: self._forget(batch, item),
        )

    def _named(self, items: Sequence[Any]) -> Batch:
        bodies = [item for item in items if isinstance(item, Mapping)]
        ids = {key for body in bodies if (key := _uuid(body.get("id")))}
        batch = Batch()
        if ids:
            for record in self.get_queryset().filter(pk__in=ids):
                batch.by_id[str(record.pk)] = record
        keys = {str(key) for body in bodies if (key := body.get(self.bulk_key))}
        if self.bulk_key and keys:
            named = self.get_queryset().filter(**{f"{self.bulk_key}__in": keys})
            for record in named:
                known = batch.by_id.setdefault(str(record.pk), record)
                batch.by_key[getattr(record, self.bulk_key)] = known
        return batch

    def _apply(self, batch: Batch, item: Any) -> tuple[Result, OrganizationRecord]:
        if not isinstance(item, Mapping):
            raise exceptions.ValidationError(_("Give an object."), code="invalid")
        body = {name: value for name, value in item.items() if name != "id"}
        record = self._meant(batch, item)
        if record is None:
            serializer = self.get_serializer(data=body)
            serializer.is_valid(raise_exception=True)
            return Result.CREATED, self._noted(batch, serializer.save())
        before = record.version
        wanted = body.pop("version", None)
        if wanted is not None and wanted != before:
            raise PreconditionFailed(entity_tag(before))
        serializer = self.get_serializer(record, data=body, partial=True)
        serializer.is_valid(raise_exception=True)
        saved = self._noted(batch, serializer.save())
        same = saved.version == before
        return (Result.UNCHANGED if same else Result.UPDATED), saved

    def _noted(self, batch: Batch, record: OrganizationRecord) -> OrganizationRecord:
        """Let items that follow find a record."""
        batch.by_id[str(record.pk)] = record
        if self.bulk_key and (key := getattr(record, self.bulk_key)):
            batch.by_key[key] = record
        return record

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "related": self._related}

    @cached_property
    def _related(self) -> dict[Any, Any]:
        """The records that items refer to, each looked for once."""
        return {}

    def _meant(
        self, batch: Batch, item: Mapping[str, Any]
    ) -> OrganizationRecord | None:
        """Return the record that an item names, None for a new one.

        Raises:
            NotFound: for an id that is none of the organization's.
        """
        if "id" in item:
            found = batch.by_id.get(str(_uuid(item["id"])))
            if found is None:
                raise exceptions.NotFound
            return found
        key = item.get(self.bulk_key) if self.bulk_key else None
        return batch.by_key.get(str(key)) if key else None

    def _forget(self, batch: Batch, item: Any) -> None:
        """Read a record anew that a refused item has left half changed."""
        if not isinstance(item, Mapping):
            return
        try:
            record = self._meant(batch, item)
        except exceptions.NotFound:
            return
        fresh = record and self.get_queryset().filter(pk=record.pk).first()
        if record is None or fresh is None:
            return
        batch.by_id[str(record.pk)] = fresh
        for key, held in list(batch.by_key.items()):
            if held is record:
                del batch.by_key[key]
        if self.bulk_key:
            batch.by_key[getattr(fresh, self.bulk_key)] = fresh


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
