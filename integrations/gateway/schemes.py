"""How OpenAPI describes the ways to say who calls: one of four, never two."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from integrations.gateway.authentication import GatewayAuthentication


class GatewayScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The credentials that open an operation."""

    target_class = GatewayAuthentication
    name = ["apiKey", "token", "session"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return [
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-API-Key",
                "description": "An API key, `phr_live_…` or `phr_test_…`.",
            },
            {
                "type": "http",
                "scheme": "bearer",
                "description": (
                    "`access` of `POST /api/v1/auth/token/`, or an access token that "
                    "an app got from `/oauth/token/`."
                ),
            },
            {
                "type": "apiKey",
                "in": "cookie",
                "name": "sessionid",
                "description": (
                    "The session of the pages; writes send `X-CSRFToken`, too."
                ),
            },
        ]
