"""Several records in one request, each with a result of its own."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from drf_spectacular.utils import (
    OpenApiExample,
    PolymorphicProxySerializer,
    extend_schema,
    inline_serializer,
)
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.json_bodies import Path, pointer
from organizations.models import OrganizationRecord
from organizations.problems import errors_of
from organizations.reading import Row
from organizations.viewsets import OrganizationReadViewSet

#: So many records are taken in one request.
MOST_AT_ONCE = 100


class ItemResult(models.TextChoices):
    """What became of one item."""

    CREATED = "created", _lazy("Created")
    REFUSED = "refused", _lazy("Refused")


class ItemErrorSerializer(serializers.Serializer[Any]):
    """What is wrong with one field of one item."""

    field = serializers.CharField(allow_null=True)
    pointer = serializers.CharField(
        allow_blank=True, help_text="Where in the body, such as `/3/punched_at`."
    )
    code = serializers.CharField()
    message = serializers.CharField()


class BatchCreate(OrganizationReadViewSet):
    """Takes one record or a list: what is refused keeps none of the others back."""

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add one record, or a list of up to 100, each with a result of its own."""
        if isinstance(request.data, list):
            refuse_too_many(request.data, MOST_AT_ONCE)
            with transaction.atomic():
                results = [
                    self._outcome(body, (position,))
                    for position, body in enumerate(request.data)
                ]
            return Response({"results": results})
        record = self.create_one(request.data)
        response = self.answer(record, HTTPStatus.CREATED)
        response["Location"] = request.build_absolute_uri(f"{request.path}{record.pk}/")
        return response

    def create_one(self, body: Any) -> OrganizationRecord:
        """Add the record that a body asks for.

        Raises:
            ValidationError: when it is refused.
        """
        serializer = self.get_serializer(data=body)
        serializer.is_valid(raise_exception=True)
        record: OrganizationRecord = serializer.save()
        return record

    def _outcome(self, body: Any, place: Path) -> Row:
        try:
            with transaction.atomic():
                record = self.create_one(body)
        except (exceptions.ValidationError, ValidationError) as error:
            return _refused(errors_of(error, place))
        except IntegrityError:  # somebody was faster than our look
            message = _("Somebody else was faster. Look, and send it again.")
            return _refused(
                [
                    {
                        "field": None,
                        "pointer": pointer(place),
                        "code": "conflict",
                        "message": message,
                    }
                ]
            )
        shown = self.get_serializer(record).data
        return {"result": ItemResult.CREATED, "record": shown, "errors": []}


def _refused(errors: list[dict[str, Any]]) -> Row:
    return {"result": ItemResult.REFUSED, "record": None, "errors": errors}


def refuse_too_many(items: list[Any], most: int) -> None:
    """Refuse a list that is longer than what is taken in one request.

    Raises:
        ValidationError: ``too_many``.
    """
    if len(items) > most:
        raise exceptions.ValidationError(
            _("At most %(most)d at once; these are %(count)d.")
            % {"most": most, "count": len(items)},
            code="too_many",
        )


def one_or_many(name: str, serializer: type[serializers.Serializer[Any]]) -> Any:
    """Return the schema of a body that is one thing or a list of them."""
    return PolymorphicProxySerializer(
        component_name=name,
        serializers=[serializer, serializer(many=True)],
        resource_type_field_name=None,
        many=False,
    )


def describe_create(
    name: str,
    shown: type[serializers.Serializer[Any]],
    sent: type[serializers.Serializer[Any]] | None = None,
    *,
    example: Mapping[str, Any],
    answer: Mapping[str, Any],
) -> Mapping[str, Any]:
    """Return what ``extend_schema_view`` says of a :class:`BatchCreate`.

    ``example`` is what is sent to add one, ``answer`` what is answered.
    """
    outcomes = inline_serializer(
        f"{name}Outcome",
        {
            "result": serializers.ChoiceField(ItemResult.choices),
            "record": shown(allow_null=True),
            "errors": ItemErrorSerializer(many=True),
        },
        many=True,
    )
    return {
        "create": extend_schema(
            request=one_or_many(f"{name}OrMany", sent or shown),
            responses={
                HTTPStatus.CREATED: shown,
                HTTPStatus.OK: inline_serializer(f"{name}Batch", {"results": outcomes}),
            },
            examples=[
                OpenApiExample("One", value=example, request_only=True),
                OpenApiExample("Several", value=[example], request_only=True),
                OpenApiExample(
                    "Added", value=answer, response_only=True, status_codes=["201"]
                ),
            ],
        )
    }
