"""Many records by one call: each item stands for itself.

An item that names a record, by its ``id`` or by the key that the resource has for the
other side's systems (an employee's number, a department's code), changes it; any other
adds one. An item that is refused is undone by itself and says why; so a call can be
repeated after its mistakes are mended, or after its answer was lost.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.http import PreconditionFailed, entity_tag
from organizations.models import OrganizationRecord
from organizations.problems import problem_of
from organizations.viewsets import OrganizationViewSet

MOST_AT_ONCE = 200
#: What may be wrong with one item, and leaves the others as they are.
REFUSALS = (
    ValidationError,
    PermissionDenied,
    Http404,
    exceptions.APIException,
    DatabaseError,
)
SHOWN_ID = "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"


class Result(StrEnum):
    """What became of an item."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(slots=True)
class Batch:
    """The records that the items name, read at once."""

    by_id: dict[str, OrganizationRecord] = field(default_factory=dict)
    by_key: dict[str, OrganizationRecord] = field(default_factory=dict)


@extend_schema_field(
    {"oneOf": [{"$ref": "#/components/schemas/Problem"}, {"type": "null"}]}
)
class ProblemField(serializers.JSONField):
    """A problem document, whose pointers begin at the whole body."""


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of one item, in the order of the items."""

    result = serializers.ChoiceField([each.value for each in Result])
    status = serializers.IntegerField(help_text="What it would answer by itself.")
    id = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    problem = ProblemField(allow_null=True, help_text="Why it was refused.")


class BulkAnswerSerializer(serializers.Serializer[Any]):
    """What became of every item."""

    results = BulkResultSerializer(many=True)


class BulkViewSet(OrganizationViewSet):
    """Adds and changes many records at once; see :func:`bulk_of`."""

    #: The field by which other systems name a record.
    bulk_key: ClassVar[str] = ""

    def answer_bulk(self, request: Request) -> Response:
        """Do what each item says; tell what became of it.

        Raises:
            ValidationError: when the body holds no list of items, or too many.
        """
        items = _items(request.data)
        with transaction.atomic():
            with connection.cursor() as cursor:
                # So that a broken rule is the item's own, not that of the whole.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            batch = self._named(items)
            results = [
                self._result(batch, item, place) for place, item in enumerate(items)
            ]
        return Response({"results": results})

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

    def _result(self, batch: Batch, item: Any, place: int) -> dict[str, Any]:
        try:
            with transaction.atomic():
                result, record = self._apply(batch, item)
        except REFUSALS as error:
            problem = problem_of(error, ("items", place))
            if problem is None:
                raise
            self._forget(batch, item)
            return {
                "result": Result.REFUSED,
                "status": problem.status.value,
                "id": None,
                "version": None,
                "problem": problem.document(self.request.path),
            }
        batch.by_id[str(record.pk)] = record
        if self.bulk_key and (key := getattr(record, self.bulk_key)):
            batch.by_key[key] = record
        is_new = result is Result.CREATED
        return {
            "result": result,
            "status": HTTPStatus.CREATED if is_new else HTTPStatus.OK,
            "id": record.pk,
            "version": record.version,
            "problem": None,
        }

    def _apply(self, batch: Batch, item: Any) -> tuple[Result, OrganizationRecord]:
        if not isinstance(item, Mapping):
            raise exceptions.ValidationError(_("Give an object."), code="invalid")
        body = {name: value for name, value in item.items() if name != "id"}
        record = self._meant(batch, item)
        if record is None:
            serializer = self.get_serializer(data=body)
            serializer.is_valid(raise_exception=True)
            return Result.CREATED, serializer.save()
        before = record.version
        wanted = body.pop("version", None)
        if wanted is not None and wanted != before:
            raise PreconditionFailed(entity_tag(before))
        serializer = self.get_serializer(record, data=body, partial=True)
        serializer.is_valid(raise_exception=True)
        saved = serializer.save()
        same = saved.version == before
        return (Result.UNCHANGED if same else Result.UPDATED), saved

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


def _items(body: Any) -> list[Any]:
    named = body if isinstance(body, Mapping) else {}
    if unknown := sorted(set(named) - {"items"}):
        raise exceptions.ValidationError(
            {
                unknown[0]: exceptions.ErrorDetail(
                    _("There is no such field."), "unknown"
                )
            }
        )
    items = named.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_AT_ONCE:
        raise exceptions.ValidationError(
            {
                "items": exceptions.ErrorDetail(
                    _("Give a list of 1 to %(most)d items.") % {"most": MOST_AT_ONCE},
                    "too_many" if isinstance(items, list) and items else "required",
                )
            }
        )
    return items


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def bulk_of(component: str, *sent: Mapping[str, Any], key: str = "") -> Any:
    """Return the action of a view that takes many of a component at once.

    ``sent`` are items for the example; ``key`` names what an item may be known by.
    """
    named = f"`id` or `{key}`" if key else "`id`"
    item = {
        "allOf": [
            {"$ref": f"#/components/schemas/Patched{component}Request"},
            {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "version": {"type": "integer", "description": "Refuse others."},
                },
            },
        ]
    }
    items = {"type": "array", "minItems": 1, "maxItems": MOST_AT_ONCE, "items": item}

    def bulk(self: BulkViewSet, request: Request) -> Response:
        return self.answer_bulk(request)

    bulk.__doc__ = (
        f"Add and change up to {MOST_AT_ONCE} at once.\n\n"
        f"An item that names a record by {named} changes it; any other adds one. Each "
        "has a result of its own; one that is refused keeps none back."
    )
    describe: Callable[[Any], Any] = extend_schema(
        request={
            "application/json": {
                "type": "object",
                "required": ["items"],
                "properties": {"items": items},
            }
        },
        responses=BulkAnswerSerializer,
        examples=[
            OpenApiExample("Items", value={"items": list(sent)}, request_only=True),
            OpenApiExample(
                "Results", value={"results": _shown(sent)}, response_only=True
            ),
        ],
    )
    return describe(action(detail=False, methods=["post"])(bulk))


def _shown(sent: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "result": Result.UPDATED if "id" in each else Result.CREATED,
            "status": HTTPStatus.OK if "id" in each else HTTPStatus.CREATED,
            "id": SHOWN_ID,
            "version": 2 if "id" in each else 1,
            "problem": None,
        }
        for each in sent
    ]
