"""Tokens, members and the organization itself, for integrators."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations import tokens
from organizations.access import OrganizationAccess
from organizations.classes import PUBLIC
from organizations.invitations import send_invitation
from organizations.models import Membership, Organization, User
from organizations.openapi import example
from organizations.roles import Role
from organizations.serializers import OrganizationSerializer, Row, StrictSerializer
from organizations.services import (
    add_member,
    change_role,
    memberships_of,
    remove_member,
)
from organizations.viewsets import OrganizationViewSet

LOGIN_WINDOW_SECONDS = 300


@example(sent={"email": "hr@demo.example", "password": "…", "organization": "demo"})
class CredentialsSerializer(StrictSerializer):
    """Who asks for tokens, and for which organization."""

    email = serializers.EmailField()
    password = serializers.CharField(
        trim_whitespace=False, style={"input_type": "password"}
    )
    organization = serializers.CharField(
        required=False,
        help_text="Slug or id; needed by members of several organizations.",
    )


@example(shown={"access": "eyJhbGci…", "refresh": "eyJhbGci…", "expires_in": 900})
class TokenPairSerializer(StrictSerializer):
    """What to call with, and what to get the next pair with."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds that `access` holds.")


@example(sent={"refresh": "eyJhbGci…"})
class RefreshSerializer(StrictSerializer):
    """A refresh token; it is used once."""

    refresh = serializers.CharField()


class TooManyAttempts(exceptions.Throttled):
    """Wrong passwords for one address, or from one network address, wait."""

    default_code = "too_many_attempts"


class TokenView(APIView):
    """What the views that give tokens have in common: no credentials but their body."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="People HR"'

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"  # RFC 6749, section 5.1
        return response


class TokenObtainView(TokenView):
    """Get tokens for an e-mail address and a password."""

    @extend_schema(request=CredentialsSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        """Log in. Members of several organizations name one."""
        body = CredentialsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        credentials = body.validated_data
        user = _authenticated(request, credentials["email"], credentials["password"])
        membership = _membership(user, credentials.get("organization"))
        return Response(asdict(tokens.open_family(membership)))


class TokenRefreshView(TokenView):
    """Get the next tokens."""

    @extend_schema(request=RefreshSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        """Exchange a refresh token. One that was used before ends its whole family."""
        refresh = _refresh_token(request)
        try:
            return Response(asdict(tokens.rotate(refresh)))
        except tokens.InvalidToken as error:
            raise _invalid_token() from error


class TokenRevokeView(TokenView):
    """Log out."""

    @extend_schema(request=RefreshSerializer, responses={HTTPStatus.NO_CONTENT: None})
    def post(self, request: Request) -> Response:
        """End a refresh token and every token that descends from the same login."""
        try:
            tokens.revoke(_refresh_token(request))
        except tokens.InvalidToken as error:
            raise _invalid_token() from error
        return Response(status=HTTPStatus.NO_CONTENT)


def _refresh_token(request: Request) -> str:
    body = RefreshSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    refresh: str = body.validated_data["refresh"]
    return refresh


def _invalid_token() -> exceptions.AuthenticationFailed:
    return exceptions.AuthenticationFailed(
        _("This token is not valid, or no longer. Log in again."), code="invalid_token"
    )


def _authenticated(request: Request, email: str, password: str) -> User:
    """Check a password under the limits of the login page, shared with it."""
    django_request = request._request
    if not ratelimit.consume(django_request, app="allauth.account", action="login"):
        raise TooManyAttempts(wait=60)
    try:
        user = get_adapter(django_request).authenticate(
            django_request, email=email, password=password
        )
    except ValidationError as error:  # allauth's word for too many failures
        raise TooManyAttempts(wait=LOGIN_WINDOW_SECONDS) from error
    if not isinstance(user, User) or not user.is_active:
        raise exceptions.AuthenticationFailed(
            _("The e-mail address or the password is not right."),
            code="invalid_credentials",
        )
    return user


def _membership(user: User, wanted: str | None) -> Membership:
    """Return the membership to act by; several ask for a choice.

    Raises:
        PermissionDenied: for a user who is a member nowhere.
        ValidationError: when the choice is missing or is none of theirs.
    """
    memberships = list(memberships_of(user))
    if not memberships:
        raise exceptions.PermissionDenied(
            _("You are not a member of any organization."), code="no_membership"
        )
    if wanted is not None:
        memberships = [
            membership
            for membership in memberships
            if wanted in (membership.organization.slug, str(membership.organization_id))
        ]
    if len(memberships) != 1:
        raise _choose(list(memberships_of(user)))
    return memberships[0]


def _choose(memberships: list[Membership]) -> exceptions.ValidationError:
    slugs = ", ".join(membership.organization.slug for membership in memberships)
    message = _("Name one of your organizations: %(slugs)s.") % {"slugs": slugs}
    return exceptions.ValidationError(
        {"organization": exceptions.ErrorDetail(message, code="choose")}
    )


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

    def read_rows(self, queryset: QuerySet[Any]) -> list[Row]:
        return [
            membership.represent(PUBLIC)
            for membership in queryset.select_related("user")
        ]

    @extend_schema(
        request=InvitationSerializer,
        responses={HTTPStatus.CREATED: MembershipSerializer},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make somebody a member and mail them an invitation."""
        invitation = InvitationSerializer(data=request.data)
        invitation.is_valid(raise_exception=True)
        member = add_member(self.access.organization, **invitation.validated_data)
        try:
            send_invitation(member)
        except OSError as error:
            raise MailFailed from error
        return self.answer_created(member)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End a membership; the user stays."""
        remove_member(self.get_guarded_object())
        return Response(status=HTTPStatus.NO_CONTENT)


class OrganizationDetailSerializer(serializers.ModelSerializer[Organization]):
    """The organization's settings."""

    class Meta:
        model = Organization
        fields = ("id", "name", "slug", "country", "time_zone", "locale", "work_week")


class OrganizationView(APIView):
    """The caller's organization."""

    read_scope = "organization:read"

    @extend_schema(responses=OrganizationDetailSerializer)
    def get(self, request: Request) -> Response:
        """Show the organization that the credentials belong to."""
        assert isinstance(request.auth, OrganizationAccess)
        return Response(OrganizationDetailSerializer(request.auth.organization).data)
