"""Tokens for a password: to log in, to go on, to log out."""

from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations import tokens
from organizations.adapters import client_of
from organizations.models import Membership, User
from organizations.openapi import example
from organizations.security import SecurityKind, tell
from organizations.serializers import StrictSerializer
from organizations.services import memberships_of
from organizations.tokens.signing import MAX_LENGTH

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


@example(
    shown={
        "access": "eyJhbGci…",
        "refresh": "eyJhbGci…",
        "expires_in": 600,
        "refresh_expires_in": 604800,
    }
)
class TokenPairSerializer(StrictSerializer):
    """What to call with, and what to get the next pair with."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds that `access` holds.")
    refresh_expires_in = serializers.IntegerField(
        help_text="Seconds until one has to log in again, however often one refreshes."
    )


@example(sent={"refresh": "eyJhbGci…"})
class RefreshSerializer(StrictSerializer):
    """A refresh token; it is used once."""

    refresh = serializers.CharField(max_length=MAX_LENGTH)


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
        client = client_of(request._request)
        try:
            pair = tokens.open_family(membership, client)
        except tokens.InvalidToken as error:  # removed while the password was checked
            raise _no_membership() from error
        _tell_login(SecurityKind.LOGIN_SUCCEEDED, client, user, membership)
        return _given(request, pair)


class TokenRefreshView(TokenView):
    """Get the next tokens."""

    @extend_schema(request=RefreshSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        """Exchange a refresh token. One that was used before ends its whole family."""
        refresh = _refresh_token(request)
        try:
            pair = tokens.rotate(refresh, client_of(request._request))
        except tokens.InvalidToken as error:
            raise _invalid_token() from error
        return _given(request, pair)


class TokenRevokeView(TokenView):
    """Log out."""

    @extend_schema(request=RefreshSerializer, responses={HTTPStatus.NO_CONTENT: None})
    def post(self, request: Request) -> Response:
        """End a refresh token and every token that descends from the same login."""
        try:
            tokens.revoke(_refresh_token(request), client_of(request._request))
        except tokens.InvalidToken as error:
            raise _invalid_token() from error
        return Response(status=HTTPStatus.NO_CONTENT)


def _given(request: Request, pair: tokens.TokenPair) -> Response:
    """Answer with tokens; whoever answers for CORS is told of which organization."""
    request._request.gives_tokens_of = pair.organization_id  # type: ignore[attr-defined]
    return Response(pair.shown())


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
    client = client_of(django_request)
    if not ratelimit.consume(django_request, app="allauth.account", action="login"):
        _tell_login(SecurityKind.LOGIN_FAILED_TOO_OFTEN, client, email=email)
        raise TooManyAttempts(wait=60)
    try:
        user = get_adapter(django_request).authenticate(
            django_request, email=email, password=password
        )
    except ValidationError as error:  # allauth's word for too many failures
        _tell_login(SecurityKind.LOGIN_FAILED_TOO_OFTEN, client, email=email)
        raise TooManyAttempts(wait=LOGIN_WINDOW_SECONDS) from error
    if not isinstance(user, User) or not user.is_active:
        _tell_login(SecurityKind.LOGIN_FAILED, client, email=email)
        raise exceptions.AuthenticationFailed(
            _("The e-mail address or the password is not right."),
            code="invalid_credentials",
        )
    return user


def _tell_login(
    kind: SecurityKind,
    client: tokens.Client,
    user: User | None = None,
    membership: Membership | None = None,
    email: str = "",
) -> None:
    tell(
        kind,
        organization_id=membership.organization_id if membership else None,
        actor_type="user",
        actor_id=str(user.pk) if user else None,
        subject="login:token",
        address=client.address or "",
        details={"email": email.lower()} if email else None,
    )


def _membership(user: User, wanted: str | None) -> Membership:
    """Return the membership to act by; several ask for a choice.

    Raises:
        PermissionDenied: for a user who is a member nowhere.
        ValidationError: when the choice is missing or is none of theirs.
    """
    memberships = list(memberships_of(user))
    if not memberships:
        raise _no_membership()
    if wanted is not None:
        memberships = [
            membership
            for membership in memberships
            if wanted in (membership.organization.slug, str(membership.organization_id))
        ]
    if len(memberships) != 1:
        raise _choose(list(memberships_of(user)))
    # As the password was checked: one that is changed meanwhile must not count.
    memberships[0].user = user
    return memberships[0]


def _no_membership() -> exceptions.PermissionDenied:
    return exceptions.PermissionDenied(
        _("You are not a member of any organization."), code="no_membership"
    )


def _choose(memberships: list[Membership]) -> exceptions.ValidationError:
    slugs = ", ".join(membership.organization.slug for membership in memberships)
    message = _("Name one of your organizations: %(slugs)s.") % {"slugs": slugs}
    return exceptions.ValidationError(
        {"organization": exceptions.ErrorDetail(message, code="choose")}
    )
