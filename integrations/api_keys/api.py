"""What programs do with API keys: make, change, rotate, revoke, and see their use."""

import datetime as dt
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations.api_keys.models import ApiKey, KeyPolicy
from integrations.api_keys.serializers import (
    ApiKeySerializer,
    ChangedApiKeySerializer,
    CreatedApiKeySerializer,
    KeyPolicySerializer,
    KeyUsageQuestion,
    KeyUsageSerializer,
    RevocationSerializer,
    RotationSerializer,
    usage_shown,
    with_last_uses,
)
from integrations.api_keys.services import (
    CreatedKey,
    adopt_key,
    create_key,
    delete_key,
    disable_key,
    enable_key,
    revoke_key,
    rotate_key,
    set_policy,
)
from integrations.api_keys.services.rules import owner_behind
from integrations.audit.usage import Bucket, summary_of
from organizations.access import OrganizationAccess
from organizations.reading import Row
from organizations.reading.expanding import Expansion
from organizations.viewsets import OrganizationViewSet

CREATED = {HTTPStatus.CREATED: CreatedApiKeySerializer}


class ApiKeyFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of keys is narrowed by."""

    environment = filters.ChoiceFilter(choices=ApiKey.Environment.choices)
    state = filters.ChoiceFilter(choices=ApiKey.State.choices, method="in_state")
    owner = filters.UUIDFilter(field_name="owner_id")
    unused_days = filters.NumberFilter(
        method="unused",
        min_value=1,
        max_value=3650,
        help_text="Living keys that nobody has used for so many days.",
    )

    def in_state(self, rows: QuerySet[ApiKey], _name: str, state: str) -> Any:
        """Narrow to what is in a state now."""
        return ApiKey.objects.in_state(state) & rows

    def unused(self, rows: QuerySet[ApiKey], _name: str, days: Any) -> Any:
        """Narrow to the report of unused keys."""
        unused = ApiKey.objects.unused_for(int(days))
        return rows.filter(pk__in=unused.order_by().values("pk"))


class ApiKeyViewSet(OrganizationViewSet):
    """Keys of programs, which they send as ``X-API-Key``."""

    read_scope = "api_keys:read"
    write_scope = "api_keys:manage"
    delete_scope = "api_keys:delete"
    serializer_class = ApiKeySerializer
    filterset_class = ApiKeyFilter
    search_fields = ("name", "key_id")
    ordering = ("name", "id")
    ordering_fields = ("id", "name", "created_at", "updated_at", "expires_at")
    query_parameters = frozenset({"days"})
    extra_fields = ("last_use",)
    is_told_by_version = False  # it expires, and is used
    expansions: ClassVar[Mapping[str, Expansion]] = {
        "replaced_by": lambda: ApiKeyViewSet
    }

    def get_serializer_class(self) -> Any:
        if self.action in {"update", "partial_update"}:
            return ChangedApiKeySerializer
        return super().get_serializer_class()

    def complete(self, rows: list[Row]) -> list[Row]:
        """Add when each was last used."""
        return with_last_uses(rows)

    @extend_schema(responses=CREATED)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a key; the answer holds its whole text, which is not shown again."""
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self._answer_new(
            create_key(self.access.organization, **body.validated_data)
        )

    def _answer_new(self, created: CreatedKey) -> Response:
        response = self.answer(created.key, HTTPStatus.CREATED)
        response.data["key"] = created.text
        response["Location"] = self.request.build_absolute_uri(
            f"/api/v1/{ApiKey.api_path}/{created.key.pk}/"
        )
        response["Cache-Control"] = "no-store"
        return response

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Remove a key that has ended; revoke one that has not."""
        delete_key(self.get_guarded_object())
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(request=RotationSerializer, responses=CREATED)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """Make a key that takes this one's place, after an overlap of 0 to 7 days."""
        key = self.get_guarded_object()
        body = RotationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self._answer_new(rotate_key(key, overlap=body.overlap()))

    @extend_schema(request=RevocationSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """End a key for good, at once."""
        key = self.get_guarded_object()
        body = RevocationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.answer(revoke_key(key, reason=body.validated_data["reason"]))

    @extend_schema(responses=KeyUsageSerializer, parameters=[KeyUsageQuestion])
    @action(detail=True, methods=["get"])
    def usage(self, request: Request, pk: str) -> Response:
        """Show how often the key was used, day by day, and for what."""
        question = KeyUsageQuestion(data=request.query_params)
        question.is_valid(raise_exception=True)
        now = timezone.now()
        summary = summary_of(
            self.access.organization,
            since=now - dt.timedelta(days=question.validated_data["days"] - 1),
            until=now,
            bucket=Bucket.DAY,
            credential_id=self.get_object().key_id,
        )
        return Response(KeyUsageSerializer(usage_shown(summary)).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, pk: str) -> Response:
        """Switch a key off, until it is switched on again."""
        return self.answer(disable_key(self.get_guarded_object()))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, pk: str) -> Response:
        """Switch a key on again."""
        return self.answer(enable_key(self.get_guarded_object()))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, pk: str) -> Response:
        """Become the owner of a key, also of a frozen one, which works again."""
        key = self.get_guarded_object()
        return self.answer(adopt_key(key, owner_behind(self.access)))


class KeyPolicyView(APIView):
    """What the organization asks of its keys."""

    read_scope = "api_keys:read"
    write_scope = "api_keys:manage"

    @extend_schema(responses=KeyPolicySerializer)
    def get(self, request: Request) -> Response:
        """Show what is asked of keys."""
        return Response(_shown(KeyPolicy.objects.first() or KeyPolicy()))

    @extend_schema(request=KeyPolicySerializer, responses=KeyPolicySerializer)
    def put(self, request: Request) -> Response:
        """Say how long new keys may live at most, and what a new password does.

        The ends of keys that exist stay as they are.
        """
        assert isinstance(request.auth, OrganizationAccess)
        body = KeyPolicySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        policy = set_policy(request.auth.organization, **body.validated_data)
        return Response(_shown(policy))


def _shown(policy: KeyPolicy) -> dict[str, int | bool | None]:
    return {
        "max_lifetime_days": policy.max_lifetime_days,
        "outlives_password": policy.outlives_password,
    }
