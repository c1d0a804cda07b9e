"""Which app calls, and whether it proves it: the same cost and answer for all."""

import base64
import binascii
import re
from contextvars import ContextVar
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from oauthlib.common import Request

from integrations.oauth.client_secrets import is_secret
from integrations.oauth.models import Application
from organizations.security import SecurityKind, tell

CLIENT_ID = re.compile(r"app_[0-9A-Za-z]{20}\Z")
MAX_HEADER_LENGTH = 500


#: The app that the request was taken to come from: the library keeps it to itself.
calling: ContextVar[Application | None] = ContextVar("calling_app", default=None)


class Shown(NamedTuple):
    """What an app shows: its id, and its secret if it has one."""

    client_id: str | None
    secret: str


def find_application(client_id: object, request: Request) -> Application | None:
    """Return the app of a client id, usable or not; asks the database once."""
    if not isinstance(client_id, str) or not CLIENT_ID.match(client_id):
        return None
    known: dict[str, Application | None] = getattr(request, "our_applications", {})
    if client_id not in known:
        # Unfenced: the app says which organization the fence will be drawn around.
        known[client_id] = (
            Application._base_manager.select_related("organization", "owner")
            .filter(client_id=client_id)
            .first()
        )
        request.our_applications = known
    return known[client_id]


def shown_by(request: Request) -> Shown | None:
    """Return what the app shows, in the header or in the body; None if unreadable.

    Both at once are refused (RFC 6749, section 2.3).
    """
    header = _proving_header(request)
    in_body = request.client_secret or ""
    if not header:
        return Shown(request.client_id, in_body)
    found = _basic(header)
    if found is None or in_body or request.client_id not in {None, found.client_id}:
        return None
    return found


def _proving_header(request: Request) -> str:
    """Return the header that proves an app; some send a token along, too."""
    header: str = request.headers.get("HTTP_AUTHORIZATION") or ""
    return header if header.partition(" ")[0].lower() == "basic" else ""


def _basic(header: str) -> Shown | None:
    _scheme, _space, text = header.partition(" ")
    if len(header) > MAX_HEADER_LENGTH:
        return None
    try:
        pair = base64.b64decode(text.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    client_id, colon, secret = pair.partition(":")
    return Shown(unquote_plus(client_id), unquote_plus(secret)) if colon else None


def authenticate(request: Request) -> bool:
    """Say whether the app proves who it is with its secret; then it is known.

    Unknown apps cost the same as wrong secrets: one query, one digest, one answer.
    """
    shown = shown_by(request)
    if shown is None:
        return False
    application = find_application(shown.client_id, request)
    stored = application.secret_digest if application else ""
    if is_secret(shown.secret, stored) and application and application.is_usable():
        _accept(application, request)
        return True
    _tell_refusal(application)
    return False


def accept_without_secret(client_id: Any, request: Request) -> bool:
    """Say whether an app that cannot keep a secret may be taken by its name."""
    application = find_application(client_id, request)
    if application is None or application.keeps_secret or not application.is_usable():
        return False
    _accept(application, request)
    return True


def _accept(application: Application, request: Request) -> None:
    request.client = application
    calling.set(application)


def needs_secret(request: Request) -> bool:
    """Say whether the app must prove who it is; what is unknown must."""
    if _proving_header(request) or request.client_secret:
        return True
    application = find_application(request.client_id, request)
    return application is None or application.keeps_secret


def _tell_refusal(application: Application | None) -> None:
    if application is None:
        tell(SecurityKind.CREDENTIAL_REFUSED, reason="unknown_client")
        return
    tell(
        SecurityKind.CREDENTIAL_REFUSED,
        organization_id=application.organization_id,
        actor_type="oauth_app",
        actor_id=str(application.pk),
        subject=f"oauth_app:{application.pk}",
        reason="bad_client_secret",
    )
