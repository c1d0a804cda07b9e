"""The sessions of the API that a person has: to look at, to end."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations import tokens
from organizations.access import CredentialKind, OrganizationAccess
from organizations.adapters import client_of
from organizations.models import TokenFamily, User
from organizations.openapi import example
from organizations.serializers import StrictSerializer

#: What keys and apps hold is less than a login; they do not end logins.
LOGINS = frozenset({CredentialKind.SESSION, CredentialKind.TOKEN})


class NotALogin(exceptions.PermissionDenied):
    """A key or an app asks about the logins of the person it belongs to."""

    default_code = "not_a_login"


class SessionSerializer(StrictSerializer):
    """One login to the API, and all tokens that descend from it."""

    id = serializers.UUIDField()
    agent = serializers.CharField(help_text="What the program called itself.")
    address = serializers.IPAddressField(
        allow_null=True, help_text="From where tokens were asked for last."
    )
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(
        help_text="When tokens were given last; `access` may have been used since."
    )
    expires_at = serializers.DateTimeField()
    is_current = serializers.BooleanField(help_text="Whether it is the one that asks.")


@example(
    shown={
        "results": [
            {
                "id": "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e60",
                "agent": "curl/8.5.0",
                "address": "203.0.113.7",
                "created_at": "2026-01-05T08:00:00.000000Z",
                "last_used_at": "2026-01-05T09:10:00.000000Z",
                "expires_at": "2026-01-12T08:00:00.000000Z",
                "is_current": True,
            }
        ]
    }
)
class SessionsSerializer(StrictSerializer):
    """Every session of one person, the last used first; 100 at most."""

    results = SessionSerializer(many=True)


class SessionView(APIView):
    """What the views of one's own sessions have in common."""

    # Every role holds it: one's own logins are everybody's to see and to end.
    read_scope = write_scope = delete_scope = "organization:read"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """As usual; then refuse who is no login of a person.

        Raises:
            NotALogin: for API keys and apps.
        """
        super().initial(request, *args, **kwargs)
        credential = self.access.credential
        if self.access.user is None or (credential and credential.kind not in LOGINS):
            raise NotALogin(
                _("Log in by password to see or end sessions; keys and apps may not.")
            )

    @property
    def access(self) -> OrganizationAccess:
        """What the caller may do; ``HasScope`` has looked."""
        assert isinstance(self.request.auth, OrganizationAccess)
        return self.request.auth

    @property
    def families(self) -> Any:
        """The caller's sessions in the organization that the credentials are for."""
        user = self.access.user
        assert isinstance(user, User)
        return tokens.sessions_of(user, self.access.organization)

    @property
    def current_id(self) -> str:
        """The id of the session that asks; empty for a session of the pages."""
        credential = self.access.credential
        is_token = credential and credential.kind == CredentialKind.TOKEN
        return credential.id if credential and is_token else ""


class TokenSessionsView(SessionView):
    """Your logins to the API."""

    @extend_schema(responses=SessionsSerializer)
    def get(self, request: Request) -> Response:
        """Show where tokens of yours are in use."""
        shown = [_shown(family, self.current_id) for family in self.families]
        return Response({"results": shown})

    @extend_schema(
        operation_id="auth_token_sessions_destroy_others",
        responses={HTTPStatus.NO_CONTENT: None},
    )
    def delete(self, request: Request) -> Response:
        """Log out everywhere else; the session that asks goes on."""
        others = self.families
        if self.current_id:
            others = others.exclude(pk=self.current_id)
        tokens.end_sessions(others, client_of(request._request))
        return Response(status=HTTPStatus.NO_CONTENT)


class TokenSessionView(SessionView):
    """One login to the API."""

    @extend_schema(responses={HTTPStatus.NO_CONTENT: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Log out there; every token of that session ends at once."""
        if not tokens.end_sessions(
            self.families.filter(pk=pk), client_of(request._request)
        ):
            raise exceptions.NotFound
        return Response(status=HTTPStatus.NO_CONTENT)


def _shown(family: TokenFamily, current_id: str) -> dict[str, Any]:
    return {
        "id": family.pk,
        "agent": family.agent,
        "address": family.address,
        "created_at": family.created_at,
        "last_used_at": family.last_used_at,
        "expires_at": family.expires_at,
        "is_current": str(family.pk) == current_id,
    }
