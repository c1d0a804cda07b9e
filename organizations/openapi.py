"""What OpenAPI says of every operation: problem documents and entity tags."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema_serializer,
)

from organizations.classes import PUBLIC
from organizations.problems import PROBLEM, Problem
from organizations.reading.schema import expandable, parameters_of
from organizations.serializers import OrganizationSerializer
from organizations.viewsets import (
    OrganizationReadViewSet,
    OrganizationViewSet,
    shown_by,
)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=(
        "A text of your own, such as a UUID, new with each new request. Send the same "
        "again to retry: for 24 hours the answer is the first one, marked by "
        "`Idempotency-Replayed: true`, and nothing is done twice."
    ),
)

Serializer = TypeVar("Serializer", bound=type)

WRITES = frozenset({"post", "put", "patch", "delete"})
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri",
            "description": "For programs; the address of a page that explains it.",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people: one sentence."},
        "instance": {"type": "string", "description": "The path that was asked."},
        "request_id": {
            "type": "string",
            "description": "The same as in `X-Request-ID`.",
        },
        "errors": {
            "type": "array",
            "description": "What is wrong, field by field.",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {
                        "type": ["string", "null"],
                        "description": "Null for the record as a whole.",
                    },
                    "pointer": {
                        "type": "string",
                        "description": "Where in the body (RFC 6901).",
                    },
                    "parameter": {
                        "type": ["string", "null"],
                        "description": "Which part of the query.",
                    },
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
EXAMPLES: dict[HTTPStatus, Problem] = {
    HTTPStatus.BAD_REQUEST: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid",
        "work_email: This work e-mail is taken.",
        (
            {
                "field": "work_email",
                "pointer": "/work_email",
                "code": "invalid",
                "message": "This work e-mail is taken.",
            },
        ),
    ),
    HTTPStatus.UNAUTHORIZED: Problem(
        HTTPStatus.UNAUTHORIZED,
        "not_authenticated",
        "Authentication credentials were not provided.",
    ),
    HTTPStatus.FORBIDDEN: Problem(
        HTTPStatus.FORBIDDEN,
        "permission_denied",
        "You do not have permission to perform this action.",
    ),
    HTTPStatus.NOT_FOUND: Problem(HTTPStatus.NOT_FOUND, "not_found", "Not found."),
    HTTPStatus.NOT_ACCEPTABLE: Problem(
        HTTPStatus.NOT_ACCEPTABLE,
        "not_acceptable",
        "Could not satisfy the request Accept header.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", "The body is too large."
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        'Unsupported media type "text/plain" in request.',
    ),
    HTTPStatus.CONFLICT: Problem(
        HTTPStatus.CONFLICT,
        "stale",
        "Someone else changed this meanwhile. Reload it and try again.",
    ),
    HTTPStatus.PRECONDITION_FAILED: Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "precondition_failed",
        'The record has changed: its entity tag is "4" now.',
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency_key_reused",
        "This Idempotency-Key came before with another body or query.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_attempts",
        "Request was throttled. Expected available in 300 seconds.",
    ),
}


def example(
    shown: Mapping[str, Any] | None = None, sent: Mapping[str, Any] | None = None
) -> Callable[[Serializer], Serializer]:
    """Give a serializer an example of what is answered, and of what is sent."""
    examples = [
        OpenApiExample("Answer", value=shown, response_only=True) if shown else None,
        OpenApiExample("Body", value=sent, request_only=True) if sent else None,
    ]
    decorate: Callable[[Serializer], Serializer] = extend_schema_serializer(
        examples=[given for given in examples if given]
    )
    return decorate


class OrganizationSchema(AutoSchema):
    """Adds entity tags, and which fields an answer always has: the public ones."""

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(  # type: ignore[no-untyped-call]
            serializer, direction
        )
        if direction == "response" and isinstance(serializer, OrganizationSerializer):
            model: Any = serializer.Meta.model
            classes = model.classes()
            schema["required"] = [
                name
                for name in schema["properties"]
                if classes.get(name, PUBLIC) is PUBLIC
            ]
        view = shown_by(type(serializer))
        if direction == "response" and view is not None:
            expandable(
                schema, view, lambda other: self.resolve_serializer(other, "response")
            )
        return schema

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = super().get_override_parameters()
        if self.method == "POST" and self.view.get_authenticators():
            parameters.append(IDEMPOTENCY_KEY)
        if isinstance(self.view, OrganizationReadViewSet):
            parameters += parameters_of(self.view)
        if not isinstance(self.view, OrganizationViewSet):
            return parameters
        if self.method == "GET":
            return parameters
        parameters.append(
            OpenApiParameter(
                "ETag",
                str,
                OpenApiParameter.HEADER,
                description="The record's version.",
                response=[HTTPStatus.OK, HTTPStatus.CREATED],
            )
        )
        if self.method.lower() in WRITES and self.view.detail:
            parameters.append(
                OpenApiParameter(
                    "If-Match",
                    str,
                    OpenApiParameter.HEADER,
                    description="The `ETag` that was read: refuse lost updates.",
                )
            )
        return parameters


def describe_problems(
    result: dict[str, Any], generator: object, request: object, public: bool
) -> dict[str, Any]:
    """Add to every operation the problems it may answer; a spectacular hook."""
    components = result["components"]
    components["schemas"]["Problem"] = PROBLEM_SCHEMA
    components["responses"] = {
        _name(status): _response(status, problem)
        for status, problem in EXAMPLES.items()
    }
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if any(each["name"] == "If-None-Match" for each in _parameters(operation)):
                operation["responses"]["304"] = {"description": "Not Modified"}
            for status in _possible(path, method, operation):
                operation["responses"].setdefault(
                    str(status.value),
                    {"$ref": f"#/components/responses/{_name(status)}"},
                )
    return result


def _parameters(operation: dict[str, Any]) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = operation.get("parameters", [])
    return parameters


def _name(status: HTTPStatus) -> str:
    return status.phrase.replace(" ", "")


def _response(status: HTTPStatus, problem: Problem) -> dict[str, Any]:
    return {
        "description": status.phrase,
        "content": {
            PROBLEM: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": problem.document("/api/v1/…"),
            }
        },
    }


def _possible(path: str, method: str, operation: dict[str, Any]) -> list[HTTPStatus]:
    parameters = operation.get("parameters", ())
    places = {parameter["in"] for parameter in parameters}
    names = {parameter["name"] for parameter in parameters}
    # 401: whoever shows two credentials, or one that does not hold, is told everywhere.
    possible = [
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_ACCEPTABLE,
    ]
    if "path" in places:
        possible += [HTTPStatus.NOT_FOUND]
    if method in ("post", "put", "patch"):
        possible += [
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        ]
    if method != "get" and operation.get("security"):
        possible += [HTTPStatus.CONFLICT]
    if "If-Match" in names:
        possible += [HTTPStatus.PRECONDITION_FAILED]
    if IDEMPOTENCY_KEY.name in names:
        possible += [HTTPStatus.UNPROCESSABLE_ENTITY]
    return possible
