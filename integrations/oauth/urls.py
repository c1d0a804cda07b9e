"""Where apps and people meet the OAuth 2 server."""

from django.urls import path

from integrations.oauth.views import account, metadata
from integrations.oauth.views.authorizing import AuthorizeView
from integrations.oauth.views.endpoints import (
    IntrospectView,
    RevokeView,
    TokenView,
    UserInfoView,
)
from integrations.oauth.views.leaving import LogoutView

WELL_KNOWN = ".well-known"

app_name = "oauth"
urlpatterns = [
    path("oauth/authorize/", AuthorizeView.as_view(), name="authorize"),
    path("oauth/token/", TokenView.as_view(), name="token"),
    path("oauth/revoke/", RevokeView.as_view(), name="revoke"),
    path("oauth/introspect/", IntrospectView.as_view(), name="introspect"),
    path("oauth/userinfo/", UserInfoView.as_view(), name="userinfo"),
    path("oauth/logout/", LogoutView.as_view(), name="logout"),
    path("oauth/jwks.json", metadata.key_set, name="jwks"),
    path(
        f"{WELL_KNOWN}/oauth-authorization-server",
        metadata.authorization_server,
        name="authorization-server",
    ),
    path(
        f"{WELL_KNOWN}/openid-configuration",
        metadata.openid_configuration,
        name="openid-configuration",
    ),
    path(
        f"{WELL_KNOWN}/oauth-protected-resource",
        metadata.protected_resource,
        name="protected-resource",
    ),
    # RFC 9728, section 3.1: the address of a resource with a path.
    path(
        f"{WELL_KNOWN}/oauth-protected-resource/api/v1/",
        metadata.protected_resource,
        name="protected-resource-api",
    ),
    path("account/apps/", account.apps, name="apps"),
    path(
        "account/apps/<uuid:application_id>/withdraw/",
        account.withdraw,
        name="withdraw",
    ),
]
