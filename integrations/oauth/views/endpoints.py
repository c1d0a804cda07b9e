"""Where apps get tokens, end them and ask about them."""

from http import HTTPStatus
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from oauthlib.common import Request

from integrations.oauth import bearer, identity, issuing
from integrations.oauth.formats import Prefix, digest
from integrations.oauth.models import AccessToken, Application, RefreshToken
from integrations.oauth.views.answering import Endpoint, OAuthError, refusal


class TokenView(Endpoint):
    """``POST /oauth/token/``: by code, by refresh token, or a service by itself."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Answer in one transaction: rows that were locked stay so until the end."""
        try:
            self.refuse_odd_requests(request)
            with transaction.atomic():
                _url, headers, body, status = self.create_token_response(request)
        except OAuthError as error:
            return refusal(error)
        except IntegrityError:  # the app or the membership went while we wrote
            return refusal(OAuthError("invalid_grant", "This no longer holds."))
        return HttpResponse(body, status=status, headers=headers)


class RevokeView(Endpoint):
    """``POST /oauth/revoke/`` (RFC 7009): unknown tokens are no error."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """End what the token descends from."""
        try:
            self.refuse_odd_requests(request)
            with transaction.atomic():
                _url, headers, body, status = self.create_revocation_response(request)
        except OAuthError as error:
            return refusal(error)
        return HttpResponse(body or "", status=status, headers=headers)


class IntrospectView(Endpoint):
    """``POST /oauth/introspect/`` (RFC 7662): an app asks about its own tokens.

    What is not its own is as good as expired, so that nobody learns about others.
    """

    def post(self, request: HttpRequest) -> HttpResponse:
        """Say whether a token holds now, with what it opens now."""
        try:
            self.refuse_odd_requests(request)
        except OAuthError as error:
            return refusal(error)
        core = self.get_oauthlib_core()
        asking = Request(*core._extract_params(request))
        if not core.server.request_validator.authenticate_client(asking):
            response = refusal(
                OAuthError("invalid_client", ""), HTTPStatus.UNAUTHORIZED
            )
            response["WWW-Authenticate"] = 'Basic realm="People HR"'
            return response
        token = request.POST.get("token", "")
        if not token:
            return refusal(OAuthError("invalid_request", "Missing token parameter."))
        return JsonResponse(described(token, asking.client) or {"active": False})


def described(token: str, application: Application) -> dict[str, Any] | None:
    """Return what an app is told of a token, or None for one that does not hold."""
    if issuing.is_text_of(Prefix.REFRESH, token):
        return _described_refresh_token(token, application)
    try:
        opened = bearer.open_token(token)
    except bearer.InvalidToken:
        return None
    row = AccessToken._base_manager.get(token_checksum=digest(token))
    if row.application_id != application.pk:
        return None
    scopes = {*opened.access.scopes, *opened.identity_scopes}
    told = {
        "active": True,
        "token_type": "Bearer",
        "client_id": application.client_id,
        "iss": identity.issuer(),
        "scope": " ".join(sorted(scopes)),
        "iat": int(row.created.timestamp()),
        "exp": int(row.expires.timestamp()),
    }
    return told | ({"sub": str(row.user_id)} if row.user_id else {})


def _described_refresh_token(
    token: str, application: Application
) -> dict[str, Any] | None:
    row = (
        RefreshToken._base_manager.select_related("grant__user")
        .filter(
            token_checksum=digest(token), application=application, used_at__isnull=True
        )
        .first()
    )
    if row is None or not issuing.still_holds(row.grant):
        return None
    return {
        "active": True,
        "client_id": application.client_id,
        "iss": identity.issuer(),
        "sub": str(row.user_id),
        "scope": row.grant.scope,
        "iat": int(row.created.timestamp()),
        "exp": int(row.grant.valid_until.timestamp()),
    }


class UserInfoView(Endpoint):
    """``/oauth/userinfo/``: who the person is, for a token with ``openid``."""

    http_method_names = ["get", "post", "options"]
    apps_prove_themselves = False

    def may_read(self, request: HttpRequest, origin: str) -> bool:
        opened = getattr(self, "opened", None)
        if opened is None:
            return False
        application: Application = Application._base_manager.get(
            pk=opened.access.credential.id
        )
        return application.origin_allowed(origin)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Tell the claims that the token's scopes ask for."""
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        shown = token.strip() if scheme.lower() == "bearer" else ""
        try:
            self.opened = bearer.open_token(shown)
        except bearer.InvalidToken:
            return _challenge("invalid_token", HTTPStatus.UNAUTHORIZED)
        access = self.opened.access
        request.answered_as = access  # type: ignore[attr-defined]
        if access.user is None or "openid" not in self.opened.identity_scopes:
            return _challenge("insufficient_scope", HTTPStatus.FORBIDDEN)
        assert access.role is not None
        claims = identity.claims_of(
            access.user, access.organization, access.role, self.opened.identity_scopes
        )
        return JsonResponse(claims)

    def post(self, request: HttpRequest) -> HttpResponse:
        """The same (OpenID Connect Core 1.0, section 5.3.1)."""
        return self.get(request)


def _challenge(error: str, status: HTTPStatus) -> HttpResponse:
    """Return a refusal with the header of RFC 6750, section 3, and RFC 9728."""
    response = refusal(OAuthError(error, "See WWW-Authenticate."), status)
    metadata = f"{identity.issuer()}/.well-known/oauth-protected-resource"
    response["WWW-Authenticate"] = (
        f'Bearer realm="People HR", error="{error}", resource_metadata="{metadata}"'
    )
    return response
