"""What programs do with the origins that pages may call from."""

from http import HTTPStatus
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from integrations.gateway.models import AllowedOrigin
from integrations.gateway.services import delete_origin, save_origin
from organizations.openapi import example
from organizations.serializers import OrganizationSerializer, access_of
from organizations.viewsets import OrganizationViewSet

SENT = {"origin": "https://portal.example.com", "note": "The staff portal"}


@example(
    shown={
        "id": "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f",
        "version": 1,
        "created_at": "2026-01-05T08:00:00.000000Z",
        "updated_at": "2026-01-05T08:00:00.000000Z",
        **SENT,
    },
    sent=SENT,
)
class AllowedOriginSerializer(OrganizationSerializer[AllowedOrigin]):
    """An origin whose pages may call the API."""

    class Meta:
        model = AllowedOrigin

    def create(self, validated_data: dict[str, Any]) -> AllowedOrigin:
        organization = access_of(self.context).organization
        return save_origin(AllowedOrigin(organization=organization, **validated_data))

    def update(
        self, instance: AllowedOrigin, validated_data: dict[str, Any]
    ) -> AllowedOrigin:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return save_origin(instance)


class AllowedOriginViewSet(OrganizationViewSet):
    """Origins (scheme, host, port) whose pages may call the API from a browser."""

    read_scope = "organization:read"
    write_scope = "organization:manage"
    delete_scope = "organization:manage"
    serializer_class = AllowedOriginSerializer
    search_fields = ("origin", "note")
    ordering = ("origin", "id")
    ordering_fields = ("id", "origin", "created_at", "updated_at")

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Allow the origin no longer."""
        delete_origin(self.get_guarded_object())
        return Response(status=HTTPStatus.NO_CONTENT)
