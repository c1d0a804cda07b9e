"""Members and the organization itself, for integrators."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.access import OrganizationAccess
from organizations.classes import PUBLIC
from organizations.invitations import send_invitation
from organizations.models import Membership, Organization
from organizations.openapi import example
from organizations.reading import Row
from organizations.roles import Role
from organizations.serializers import OrganizationSerializer, StrictSerializer
from organizations.services import add_member, change_role, remove_member
from organizations.viewsets import OrganizationViewSet


@example(
    shown={
        "id": "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f",
        "version": 1,
        "created_at": "2026-01-05T08:00:00.000000Z",
        "updated_at": "2026-01-05T08:00:00.000000Z",
        "user": "01963a5e-7c2e-7d4a-9a5e-000000000005",
        "email": "ada@example.com",
        "role": "manager",
    },
    sent={"role": "manager"},
)
class MembershipSerializer(OrganizationSerializer[Membership]):
    """A user's place in the organization."""

    class Meta:
        model = Membership
        read_only_fields = ("user",)

    def update(
        self, instance: Membership, validated_data: dict[str, Any]
    ) -> Membership:
        return change_role(instance, validated_data.get("role", instance.role))


@example(sent={"email": "ada@example.com", "role": "manager"})
class InvitationSerializer(StrictSerializer):
    """Whom to make a member, as what."""

    email = serializers.EmailField()
    role = serializers.ChoiceField(Role.choices, default=Role.EMPLOYEE)


class MailFailed(exceptions.APIException):
    """The member was added; the mail server did not take the invitation."""

    status_code = HTTPStatus.BAD_GATEWAY
    default_code = "mail_failed"
    default_detail = gettext_lazy(
        "The member was added, but the invitation could not be mailed. They can ask "
        "for a password on the login page."
    )


class MembershipViewSet(OrganizationViewSet):
    """Who is a member, with which role."""

    read_scope = "members:read"
    write_scope = "members:manage"
    delete_scope = "members:delete"
    serializer_class = MembershipSerializer
    ordering = ("created_at", "id")
    ordering_fields = ("id", "created_at", "updated_at")

    is_told_by_version = False  # the user's address is the user's

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("user")

    def show_records(self, records: list[Membership]) -> list[Row]:
        """Return memberships with their users' addresses."""
        return [membership.represent(PUBLIC) for membership in records]

    @extend_schema(
        request=InvitationSerializer,
        responses={HTTPStatus.CREATED: MembershipSerializer},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make somebody a member and mail them an invitation."""
        invitation = InvitationSerializer(data=request.data)
        invitation.is_valid(raise_exception=True)
        member = add_member(self.access.organization, **invitation.validated_data)
        # Whatever the mail server says, the member is one by then.
        transaction.on_commit(partial(_invite, member))
        return self.answer_created(member)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End a membership; the user stays."""
        remove_member(self.get_guarded_object())
        return Response(status=HTTPStatus.NO_CONTENT)


def _invite(member: Membership) -> None:
    try:
        send_invitation(member)
    except OSError as error:
        raise MailFailed from error


class OrganizationDetailSerializer(serializers.ModelSerializer[Organization]):
    """The organization's settings."""

    class Meta:
        model = Organization
        fields = ("id", "name", "slug", "country", "time_zone", "locale", "work_week")


class OrganizationView(APIView):
    """The caller's organization."""

    read_scope = "organization:read"
    within_reach = True

    @extend_schema(responses=OrganizationDetailSerializer)
    def get(self, request: Request) -> Response:
        """Show the organization that the credentials belong to."""
        assert isinstance(request.auth, OrganizationAccess)
        return Response(OrganizationDetailSerializer(request.auth.organization).data)
