"""What a request shows of who it is: one credential, or none."""

import re
from http import HTTPStatus
from typing import NamedTuple

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from organizations.access import CredentialKind
from organizations.authentication import bearer_token

#: Two headers with a token each, as a server joins them (RFC 9110, section 5.3).
TWO_TOKENS = re.compile(r",[ \t]*bearer[ \t]", re.IGNORECASE)


class TwoCredentials(exceptions.APIException):
    """Two different credentials in one request: neither is used."""

    status_code = HTTPStatus.BAD_REQUEST
    default_code = "two_credentials"
    default_detail = _(
        "The request shows two credentials. Send one: an API key in X-API-Key, a token "
        "in Authorization, or the session cookie of the pages."
    )


class Shown(NamedTuple):
    """A credential as it came, not looked at yet."""

    kind: CredentialKind
    text: str


def shown_by(request: HttpRequest) -> Shown | None:
    """Return the credential in the headers; queries and bodies are never read.

    A key that came twice reaches us joined by a comma, which no credential of ours
    holds, so it is refused as malformed where it is looked at. Schemes that are not
    ours, such as ``Basic`` of a proxy in front, are passed over.

    Raises:
        TwoCredentials: for a token and a key, and for two tokens.
    """
    key = request.META.get("HTTP_X_API_KEY")
    token = bearer_token(request.META.get("HTTP_AUTHORIZATION", ""))
    if token is not None and (key is not None or TWO_TOKENS.search(token)):
        raise TwoCredentials
    if token is not None:
        return Shown(CredentialKind.TOKEN, token)
    if key is not None:
        return Shown(CredentialKind.API_KEY, key)
    return None
