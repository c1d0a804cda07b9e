"""What OpenAPI says of reading: chosen fields, expanded relations, entity tags."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiParameter

if TYPE_CHECKING:
    from organizations.viewsets import OrganizationReadViewSet

#: How deep the choices of ``expand`` are listed.
LISTED_DEPTH = 2

IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` that was read: 304 where it still holds.",
)
CONTENT_TAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    description="Changes with whatever the answer shows.",
    response=[HTTPStatus.OK],
)
LINK = OpenApiParameter(
    "Link",
    str,
    OpenApiParameter.HEADER,
    description='The pages beside this one, `rel="next"` and `rel="prev"` (RFC 8288).',
    response=[HTTPStatus.OK],
)


def parameters_of(view: "OrganizationReadViewSet") -> list[OpenApiParameter]:
    """Return what can be asked of an operation that reads, and its headers."""
    if view.action not in {"list", "retrieve"}:
        return []
    parameters = [_fields(view), IF_NONE_MATCH, CONTENT_TAG]
    if view.expansions:
        parameters.append(_expand(view))
    if view.action == "list":
        parameters.append(LINK)
    return parameters


def _fields(view: "OrganizationReadViewSet") -> OpenApiParameter:
    names = ", ".join(f"`{name}`" for name in view.known_fields())
    sentence = f"Show these fields alone, separated by commas: {names}."
    if view.expansions:
        relation = next(iter(view.expansions))
        sentence += f" Of what is expanded, too: `{relation}.id`."
    return OpenApiParameter("fields", str, description=sentence)


def _expand(view: "OrganizationReadViewSet") -> OpenApiParameter:
    return OpenApiParameter(
        "expand",
        {
            "type": "array",
            "items": {"type": "string", "enum": choices(type(view), LISTED_DEPTH)},
            "uniqueItems": True,
            "maxItems": 10,
        },
        description=(
            "Relations to show as records instead of ids, separated by commas; at most "
            "three deep. Takes the scope to read them."
        ),
        style="form",
        explode=False,
    )


def choices(view: "type[OrganizationReadViewSet]", depth: int) -> list[str]:
    """Return the names that ``expand`` takes, so many relations deep."""
    if depth == 0:
        return []
    return [
        name
        for relation, target in view.expansions.items()
        for name in (
            relation,
            *(f"{relation}.{below}" for below in choices(target(), depth - 1)),
        )
    ]


def expandable(
    schema: dict[str, Any], view: "type[OrganizationReadViewSet]", resolve: Any
) -> None:
    """Say of relations that they may be records; ``resolve`` refers to a serializer."""
    for relation, target in view.expansions.items():
        plain = schema["properties"].get(relation)
        if plain is None:
            continue
        about = {
            name: plain.pop(name)
            for name in ("readOnly", "description", "title")
            if name in plain
        }
        schema["properties"][relation] = {
            **about,
            "oneOf": [plain, resolve(target().serializer_class).ref],
        }
