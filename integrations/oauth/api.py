"""Apps of the organization, for whoever may register them."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.oauth.models import Application
from integrations.oauth.redirects import ApplicationKind
from integrations.oauth.services import (
    register_application,
    renew_secret,
    take_over_application,
    update_application,
)
from organizations.models import User
from organizations.openapi import example
from organizations.serializers import OrganizationSerializer
from organizations.viewsets import OrganizationViewSet

APP = {
    "name": "Rota planner",
    "kind": "web",
    "redirect_uris": ["https://rota.example.com/callback"],
    "allowed_scopes": ["employees:read", "leave:read"],
}
SHOWN_APP = {
    "id": "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f",
    "version": 1,
    "created_at": "2026-01-05T08:00:00.000000Z",
    "updated_at": "2026-01-05T08:00:00.000000Z",
    "name": "Rota planner",
    "maker": "",
    "kind": "web",
    "client_id": "app_4kPZq0m2TtX8vYbN6sWd",
    "redirect_uris": APP["redirect_uris"],
    "post_logout_redirect_uris": [],
    "allowed_scopes": APP["allowed_scopes"],
    "is_enabled": True,
    "owner": "01963a5e-0000-7000-8000-000000000002",
}
# As long as a real one, and refused by its checksum.
A_SECRET = "phs_0000000000000000000000000000000000000000000000"  # noqa: S105


@example(shown=SHOWN_APP, sent=APP)
class ApplicationSerializer(OrganizationSerializer[Application]):
    """An app, and the most that it may do."""

    class Meta:
        model = Application
        read_only_fields = ("client_id", "owner")

    def update(
        self, instance: Application, validated_data: dict[str, Any]
    ) -> Application:
        return update_application(instance, **validated_data)


@example(shown=SHOWN_APP | {"client_secret": A_SECRET})
class RegisteredApplicationSerializer(ApplicationSerializer):
    """An app with its new secret: it is shown this once. Null where it keeps none."""

    client_secret = serializers.CharField(read_only=True, allow_null=True)

    def get_field_names(self, *args: Any) -> list[str]:
        return [*super().get_field_names(*args), "client_secret"]


class ApplicationFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of apps is narrowed by."""

    is_enabled = filters.BooleanFilter()
    kind = filters.ChoiceFilter(choices=ApplicationKind.choices)


class ApplicationViewSet(OrganizationViewSet):
    """Apps that ask members to act for them, and services that act for themselves."""

    read_scope = "apps:read"
    write_scope = "apps:manage"
    delete_scope = "apps:delete"
    serializer_class = ApplicationSerializer
    filterset_class = ApplicationFilter
    search_fields = ("name", "maker")
    ordering = ("name", "id")
    ordering_fields = ("id", "name", "created_at", "updated_at")

    @property
    def caller(self) -> User:
        """The member who calls.

        Raises:
            ValidationError: for a service: somebody must answer for an app.
        """
        if self.access.user is None:
            raise ValidationError(
                _("A person answers for an app; a service cannot."), code="no_person"
            )
        return self.access.user

    @extend_schema(responses={HTTPStatus.CREATED: RegisteredApplicationSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Register an app; the answer holds its secret, which is not shown again."""
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        registered = register_application(
            self.access.organization, owner=self.caller, **body.validated_data
        )
        response = self.answer_created(registered.application)
        return _with_secret(response, registered.secret)

    @extend_schema(
        request=None, responses={HTTPStatus.OK: RegisteredApplicationSerializer}
    )
    @action(detail=True, methods=["post"], url_path="renew-secret", url_name="renew")
    def renew_secret(self, request: Request, pk: str) -> Response:
        """Give it a new secret; the old one ends at once."""
        renewed = renew_secret(self.get_guarded_object())
        return _with_secret(self.answer(renewed.application), renewed.secret)

    @extend_schema(request=None, responses={HTTPStatus.OK: ApplicationSerializer})
    @action(detail=True, methods=["post"], url_path="take-over", url_name="takeover")
    def take_over(self, request: Request, pk: str) -> Response:
        """Answer for it from now on; it thaws when its owner had left."""
        return self.answer(
            take_over_application(self.get_guarded_object(), self.caller)
        )


def _with_secret(response: Response, secret: str | None) -> Response:
    response.data["client_secret"] = secret
    response["Cache-Control"] = "no-store"
    return response
