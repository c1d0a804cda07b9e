"""The grants that there are: by code with PKCE S256, refresh, client credentials.

The library's server offers eight more, implicit, password and device among them. What
is not here cannot be switched on by a setting.
"""

import re
from typing import Any, ClassVar

from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.endpoints import (
    AuthorizationEndpoint,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.grant_types import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
)
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import (
    code_challenge_method_s256,
)
from oauthlib.oauth2.rfc6749.tokens import BearerToken
from oauthlib.openid.connect.core.grant_types import (
    AuthorizationCodeGrant as OpenIDCodeGrant,
)
from oauthlib.openid.connect.core.grant_types import RefreshTokenGrant

from integrations.oauth.formats import Prefix, generate

#: A SHA-256 in base64url without padding (RFC 7636, section 4.2).
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")
MAX_NONCE_LENGTH = 255


def refuse_unsupported(request: Request) -> dict[str, Any]:
    """Refuse what we do not do, rather than do something else.

    Raises:
        OAuth2Error: told to the app by redirect; its address is known to be good.
    """
    if request.response_type not in {None, "code"}:
        raise errors.UnsupportedResponseTypeError(request=request)
    for name in ("request", "request_uri"):
        if getattr(request, name, None):
            raise errors.CustomOAuth2Error(f"{name}_not_supported", request=request)
    if request.response_mode not in {None, "query"}:
        raise errors.InvalidRequestError("Use response_mode=query.", request=request)
    challenge = request.code_challenge  # an empty one is none, and is not passed over
    if challenge is not None and not CHALLENGE.match(challenge):
        raise errors.InvalidRequestError(
            "code_challenge is the SHA-256 of the verifier in base64url.",
            request=request,
        )
    if len(request.nonce or "") > MAX_NONCE_LENGTH or "\0" in (request.nonce or ""):
        raise errors.InvalidRequestError("The nonce is too long.", request=request)
    request.claims = None  # not supported, as our metadata says: passed over
    return {}


class S256CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    """Grants by a code that only the one who asked for it can redeem."""

    _code_challenge_methods: ClassVar = {"S256": code_challenge_method_s256}

    def create_authorization_code(self, request: Request) -> dict[str, str]:
        grant = {"code": generate(Prefix.CODE)}
        if request.state:
            grant["state"] = request.state
        return grant


class CodeGrant(OpenIDCodeGrant):  # type: ignore[misc]
    """The same with an ID token for who asks for the scope ``openid``."""

    def __init__(self, request_validator: Any, **kwargs: Any) -> None:
        self.proxy_target = S256CodeGrant(request_validator, **kwargs)
        self.custom_validators.pre_auth.append(refuse_unsupported)
        self.custom_validators.post_auth.append(self.openid_authorization_validator)
        self.register_token_modifier(self.add_id_token)


class Server(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):  # type: ignore[misc]
    """The endpoints of the library with these grants alone."""

    def __init__(
        self,
        request_validator: Any,
        token_expires_in: int | None = None,
        token_generator: Any = None,
        refresh_token_generator: Any = None,
        **_unused: Any,
    ) -> None:
        bearer = BearerToken(
            request_validator,
            token_generator,
            token_expires_in,
            refresh_token_generator,
        )
        by_code = CodeGrant(request_validator)
        AuthorizationEndpoint.__init__(
            self,
            default_response_type="code",
            response_types={"code": by_code},
            default_token_type=bearer,
        )
        TokenEndpoint.__init__(
            self,
            default_grant_type="authorization_code",
            grant_types={
                "authorization_code": by_code,
                "client_credentials": ClientCredentialsGrant(request_validator),
                "refresh_token": RefreshTokenGrant(request_validator),
            },
            default_token_type=bearer,
        )
        RevocationEndpoint.__init__(self, request_validator)
