"""What OpenAPI says of calls that take many items."""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.bulk.items import MOST_AT_ONCE, SHOWN_ID, Result

Action = TypeVar("Action", bound=Callable[..., Any])


@extend_schema_field({"$ref": "#/components/schemas/Problem"})
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


def bulk_of(component: str, *sent: Mapping[str, Any], key: str = "") -> Any:
    """Return the action of a view that takes many of a component at once.

    ``sent`` are items for the example; ``key`` names what an item may be known by.
    """
    named = f"`id` or `{key}`" if key else "`id`"

    def bulk(self: Any, request: Request) -> Response:
        response: Response = self.answer_bulk(request)
        return response

    bulk.__doc__ = (
        f"Add and change up to {MOST_AT_ONCE} at once.\n\n"
        f"An item that names a record by {named} changes it; any other adds one. Each "
        "has a result of its own; one that is refused keeps none back."
    )
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
    return bulk_schema(item, *sent)(action(detail=False, methods=["post"])(bulk))


def bulk_schema(
    item: Mapping[str, Any], *sent: Mapping[str, Any], most: int = MOST_AT_ONCE
) -> Callable[[Action], Action]:
    """Describe an action that takes items of a schema; ``sent`` are examples."""
    items = {"type": "array", "minItems": 1, "maxItems": most, "items": item}
    describe: Callable[[Action], Action] = extend_schema(
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
    return describe


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
