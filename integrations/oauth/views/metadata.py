"""What clients read about us before they start: no more than there is."""

from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from oauth2_provider.settings import oauth2_settings

from integrations.oauth import identity, keys
from integrations.oauth.scopes import GRANTABLE, IDENTITY_SCOPES

#: How long clients keep our keys and documents; a new key is published before it signs.
KEPT_SECONDS = 3600
SECRET_METHODS = ["client_secret_basic", "client_secret_post"]


def _address(name: str) -> str:
    return identity.issuer() + reverse(f"oauth:{name}")


def _answer(document: dict[str, Any]) -> JsonResponse:
    response = JsonResponse(document)
    # Public and without cookies, so any page may read it.
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return response


def _scopes() -> list[str]:
    own = IDENTITY_SCOPES if oauth2_settings.OIDC_ENABLED else {}
    return [*own, *GRANTABLE]


def server_document() -> dict[str, Any]:
    """Return what RFC 8414 says of an authorization server."""
    return {
        "issuer": identity.issuer(),
        "authorization_endpoint": _address("authorize"),
        "token_endpoint": _address("token"),
        "revocation_endpoint": _address("revoke"),
        "introspection_endpoint": _address("introspect"),
        "scopes_supported": _scopes(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "client_credentials",
        ],
        "token_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "revocation_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "introspection_endpoint_auth_methods_supported": SECRET_METHODS,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "service_documentation": f"{identity.issuer()}/api/v1/docs/",
        **({"jwks_uri": _address("jwks")} if oauth2_settings.OIDC_ENABLED else {}),
    }


@require_safe
def authorization_server(request: HttpRequest) -> JsonResponse:
    """Describe the OAuth 2 server (RFC 8414)."""
    return _answer(server_document())


@require_safe
def openid_configuration(request: HttpRequest) -> JsonResponse:
    """Describe the OpenID provider (OpenID Connect Discovery 1.0).

    Raises:
        Http404: while there is no key to sign with.
    """
    if not oauth2_settings.OIDC_ENABLED:
        raise Http404
    claims = [name for names in identity.CLAIMS.values() for name in names]
    return _answer(
        {
            **server_document(),
            "userinfo_endpoint": _address("userinfo"),
            "end_session_endpoint": _address("logout"),
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [keys.ALGORITHM],
            "claims_supported": [*claims, "iss", "aud", "exp", "iat", "auth_time"],
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "prompt_values_supported": ["none", "login", "consent"],
        }
    )


@require_safe
def protected_resource(request: HttpRequest) -> JsonResponse:
    """Describe the API that tokens are for (RFC 9728)."""
    return _answer(
        {
            "resource": f"{identity.issuer()}/api/v1/",
            "authorization_servers": [identity.issuer()],
            "scopes_supported": list(GRANTABLE),
            "bearer_methods_supported": ["header"],
            "resource_name": "People HR API",
            "resource_documentation": f"{identity.issuer()}/api/v1/docs/",
        }
    )


@require_safe
def key_set(request: HttpRequest) -> JsonResponse:
    """Publish the keys that ID tokens are signed with (RFC 7517)."""
    return _answer({"keys": keys.public_keys()})
