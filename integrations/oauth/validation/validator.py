"""The library's validator, answered from our tables.

It is asked while the token endpoint holds a transaction; what must outlive a refusal
(a grant that is ended) is written all the same, because a refusal is an answer, not an
exception.
"""

import datetime as dt
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import (
    code_challenge_method_s256,
)

from integrations.oauth import identity, issuing
from integrations.oauth.formats import Prefix, digest
from integrations.oauth.models import AccessToken, Application, Grant
from integrations.oauth.validation import clients
from organizations.roles import ROLE_SCOPES, Role
from organizations.security import SecurityKind, tell


class Validator(OAuth2Validator):  # type: ignore[misc]
    """Apps, codes and tokens of ours; anything else is refused."""

    # --- Apps ---

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        return clients.authenticate(request)

    def authenticate_client_id(
        self, client_id: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return clients.accept_without_secret(client_id, request)

    def client_authentication_required(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return clients.needs_secret(request)

    def validate_client_id(
        self, client_id: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        application = clients.find_application(client_id, request)
        if application is None or not application.is_usable():
            return False
        request.client = application
        return True

    def validate_scopes(
        self,
        client_id: str,
        scopes: list[str],
        client: Application,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        """At least one, none that the app is not allowed; a service gets its owner's.

        Without a key there are no ID tokens, so nobody can ask for one.
        """
        available = client.available_scopes
        if not oauth2_settings.OIDC_ENABLED:
            available = available - {"openid"}
        if not scopes or not set(scopes) <= available:
            return False
        if client.is_service:
            owner = client.owners_membership()
            held = ROLE_SCOPES[Role(owner.role)] if owner else frozenset()
            request.scopes = sorted(set(scopes) & held)
        return bool(request.scopes)

    # --- Codes ---

    def save_authorization_code(
        self,
        client_id: str,
        code: dict[str, str],
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Open a grant: the view has put the member and the moment of login beside."""
        now = timezone.now()
        life = dt.timedelta(seconds=oauth2_settings.AUTHORIZATION_CODE_EXPIRE_SECONDS)
        membership = request.our_membership
        Grant._base_manager.create(
            organization_id=request.client.organization_id,
            application=request.client,
            membership=membership,
            user=membership.user,
            code=digest(code["code"]),
            expires=now + life,
            redirect_uri=request.redirect_uri,
            scope=" ".join(request.scopes),
            code_challenge=request.code_challenge,
            code_challenge_method=request.code_challenge_method,
            nonce=request.nonce or "",
            password_stamp=membership.user.get_session_auth_hash(),
            authenticated_at=request.our_authenticated_at,
            valid_until=now + dt.timedelta(days=settings.OAUTH_GRANT_DAYS),
        )

    def validate_code(
        self,
        client_id: str,
        code: str,
        client: Application,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        """Take a code once; who shows it again with its proof ends what came of it."""
        grant = issuing.find_code(code, client)
        if grant is None:
            return False
        if grant.redeemed_at is not None:
            if self._is_proven(grant, request):
                issuing.end_grants(
                    "code_replayed", SecurityKind.TOKEN_REUSED, pk=grant.pk
                )
            return False
        if grant.is_expired() or not issuing.still_holds(grant):
            return False
        self._remember(request, grant)
        return True

    def _is_proven(self, grant: Grant, request: Request) -> bool:
        """Say whether who replays a code could have redeemed it.

        Who only read the code, in a log say, must not be able to log people out.
        """
        return code_challenge_method_s256(
            request.code_verifier or "", grant.code_challenge
        ) and self._is_own_address(grant, request.redirect_uri)

    def _is_own_address(self, grant: Grant, address: str | None) -> bool:
        return constant_time_compare(grant.redirect_uri, address or "")

    def _remember(self, request: Request, grant: Grant) -> None:
        request.our_grant = grant
        request.user = grant.user
        request.scopes = grant.scope.split()
        request.nonce = grant.nonce or None

    def get_code_challenge(self, code: str, request: Request) -> str:
        challenge: str = request.our_grant.code_challenge
        return challenge

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        method: str = request.our_grant.code_challenge_method
        return method

    def get_authorization_code_nonce(
        self, client_id: str, code: str, redirect_uri: str, request: Request
    ) -> str | None:
        return request.our_grant.nonce or None

    def confirm_redirect_uri(
        self,
        client_id: str,
        code: str,
        redirect_uri: str,
        client: Application,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        return self._is_own_address(request.our_grant, redirect_uri)

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Note that the code was used. The row stays, to know it when it comes again.

        Raises:
            InvalidGrantError: when somebody was faster; the lock rules it out.
        """
        unused = Grant._base_manager.filter(
            pk=request.our_grant.pk, redeemed_at__isnull=True
        )
        if not unused.update(redeemed_at=timezone.now()):
            raise errors.InvalidGrantError(request=request)

    # --- Tokens ---

    def validate_refresh_token(
        self,
        refresh_token: str,
        client: Application,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        """Take a refresh token once, or again in an honest race; theft ends the grant.

        Another app's refresh token is no different from one that does not exist.
        """
        if not issuing.is_text_of(Prefix.REFRESH, refresh_token):
            return False
        found = issuing.find_refresh_token(refresh_token, client)
        if found is None or not issuing.still_holds(found[0]):
            return False
        grant, token = found
        if token.used_at and not issuing.may_be_repeated(grant, token, refresh_token):
            issuing.end_grants(
                "refresh_token_reused", SecurityKind.TOKEN_REUSED, pk=grant.pk
            )
            return False
        self._remember(request, grant)
        request.our_refresh_token = token
        request.refresh_token = refresh_token
        return True

    def get_original_scopes(
        self, refresh_token: str, request: Request, *args: Any, **kwargs: Any
    ) -> str:
        scope: str = request.our_grant.scope
        return scope

    def save_bearer_token(
        self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Keep the digests of what is about to be handed out."""
        grant: Grant | None = getattr(request, "our_grant", None)
        issuing.keep_access_token(
            token["access_token"],
            application=request.client,
            grant=grant,
            scope=token["scope"],
        )
        if grant is not None:
            used = getattr(request, "our_refresh_token", None)
            if used is not None:
                issuing.mark_used(used)
            issuing.keep_refresh_token(token["refresh_token"], grant)
            Grant._base_manager.filter(pk=grant.pk).update(refreshed_at=timezone.now())
        self._tell_created(request, grant)

    def _tell_created(self, request: Request, grant: Grant | None) -> None:
        application: Application = request.client
        tell(
            SecurityKind.TOKEN_CREATED,
            organization_id=application.organization_id,
            actor_type="user" if grant else "oauth_app",
            actor_id=str(grant.user_id if grant else application.pk),
            subject=f"oauth_app:{application.pk}",
            reason=request.grant_type,
        )

    def revoke_token(
        self,
        token: str,
        token_type_hint: str | None,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """End what a token descends from, if it is the app's own (RFC 7009)."""
        checksum, application = digest(token), request.client
        ended = issuing.end_grants(
            "revoked_by_app",
            SecurityKind.TOKEN_REVOKED,
            pk__in=Grant._base_manager.filter(
                application=application, refresh_tokens__token_checksum=checksum
            ).values("pk"),
        )
        own = AccessToken._base_manager.filter(
            application=application, token_checksum=checksum
        )
        for found in own if not ended else ():
            if found.grant_id is None:
                own.delete()
            else:
                issuing.end_grants(
                    "revoked_by_app", SecurityKind.TOKEN_REVOKED, pk=found.grant_id
                )

    # --- OpenID Connect: the pages decide who is asked, see views/authorizing.py ---

    def validate_silent_login(self, request: Request) -> bool:
        return True

    def validate_silent_authorization(self, request: Request) -> bool:
        return True

    def finalize_id_token(
        self, id_token: dict[str, Any], token: Any, token_handler: Any, request: Request
    ) -> str:
        """Sign who the person is; nothing is stored of it."""
        grant: Grant = request.our_grant
        now = int(timezone.now().timestamp())
        claims = identity.claims_of(
            grant.user,
            request.client.organization,
            grant.membership.role,
            request.scopes,
        )
        if grant.nonce:
            id_token.setdefault("nonce", grant.nonce)
        return identity.sign(
            {
                **id_token,
                **claims,
                "iss": identity.issuer(),
                "exp": now + int(oauth2_settings.ID_TOKEN_EXPIRE_SECONDS),
                "auth_time": int(grant.authenticated_at.timestamp()),
                "jti": str(uuid4()),
            }
        )
