"""The caller, by API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from employees.api.seen import Visibility
from organizations.access import OrganizationAccess
from organizations.roles import Role


class MeSerializer(serializers.Serializer[Any]):
    """Who the credentials stand for, and what they may do."""

    user = serializers.UUIDField(allow_null=True)
    email = serializers.EmailField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    organization = serializers.UUIDField()
    role = serializers.ChoiceField(Role.choices, allow_null=True)
    scopes = serializers.ListField(child=serializers.CharField())
    employee = serializers.UUIDField(
        allow_null=True, help_text="The user's own record as an employee."
    )


class MeView(APIView):
    """The caller."""

    read_scope = "organization:read"
    within_reach = True

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Show whose credentials these are."""
        access = request.auth
        assert isinstance(access, OrganizationAccess)
        me = {
            "user": access.user and access.user.pk,
            "email": access.user and access.user.email,
            "name": access.user and str(access.user),
            "organization": access.organization.pk,
            "role": access.role,
            "scopes": sorted(access.scopes),
            "employee": Visibility(access).own_id,
        }
        return Response(MeSerializer(me).data)
