"""One check for every credential: who is it, what may it do, how fast may it come.

Session, JSON Web Token, API key and OAuth token all end as one
:class:`OrganizationAccess` in ``request.auth``. What is refused looks the same whatever
the reason; the reason is told to the security log alone.
"""

from http import HTTPStatus

from django.conf import settings
from django.utils.http import http_date
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from integrations.api_keys import verification
from integrations.api_keys.using import note_use
from integrations.gateway import idempotency, limits, refusals
from integrations.gateway.addressing import refuse_unknown_parameters
from integrations.gateway.credentials import Shown, TwoCredentials, shown_by
from integrations.gateway.passage import Passage, passage_of
from integrations.oauth import bearer
from organizations import tokens
from organizations.access import CredentialKind, OrganizationAccess
from organizations.authentication import Credentials, SessionAuthentication, admit

KEY_CHALLENGE = 'ApiKey realm="People HR"'


class InvalidCredential(exceptions.AuthenticationFailed):
    """Not good, or no longer; which of the two, and why, is not told."""

    default_code = "invalid_token"
    default_detail = _("This token is not valid, or no longer.")


class InvalidKey(exceptions.AuthenticationFailed):
    """The same answer for unknown, wrong, revoked, expired and disabled keys."""

    default_code = "invalid_api_key"
    default_detail = _("This API key is not valid, or no longer.")


class WrongAddress(exceptions.PermissionDenied):
    """A good key, from an address that its allow-list does not hold."""

    default_code = "address_not_allowed"
    default_detail = _("This API key may not be used from your network address.")


class Busy(exceptions.APIException):
    """More keys are seen for the first time than can be checked at once."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "busy"
    default_detail = _("Too many new keys at once. Try again in a second.")
    wait = 1  # seconds; REST framework says it as Retry-After


class GatewayAuthentication(authentication.BaseAuthentication):
    """Find the one credential of a request, check it, and count the request."""

    def authenticate(self, request: Request) -> Credentials | None:
        """Return user and access, or None for strangers.

        Raises:
            TwoCredentials: for more than one credential.
            InvalidCredential, InvalidKey: for one that does not hold.
            WrongAddress: for a key from elsewhere.
            QuotaExceeded: above a limit.
            MalformedAddress: for a parameter that the view does not know.
        """
        found = self._find(request)
        if found is not None:
            view = (request.parser_context or {}).get("view")
            refuse_unknown_parameters(request, view)
            idempotency.arm(request, view, found[1])
        return found

    def _find(self, request: Request) -> Credentials | None:
        django_request = request._request
        passage = passage_of(django_request)
        route = limits.route_of(django_request)
        shown = shown_by(django_request)
        if django_request.user.is_authenticated and shown:
            raise TwoCredentials
        if shown is None:
            found = SessionAuthentication().authenticate(request)
            if found is None:
                return None
            passage.access = found[1]
            limits.charge(passage, route)
            return found  # type: ignore[no-any-return]
        passage.access = _access_by(shown, passage, route)
        return admit(request, passage.access)

    def authenticate_header(self, request: Request) -> str:
        """Say how to come in: with a key to who showed one, or else with a token.

        Where tokens are to be had stands in the metadata (RFC 9728, section 5.1).
        """
        if "HTTP_X_API_KEY" in request._request.META:
            return KEY_CHALLENGE
        return (
            'Bearer realm="People HR", resource_metadata='
            f'"{settings.PUBLIC_URL}/.well-known/oauth-protected-resource"'
        )


def _access_by(shown: Shown, passage: Passage, route: str) -> OrganizationAccess:
    if shown.kind == CredentialKind.API_KEY:
        return _access_by_key(shown.text, passage, route)
    passage.access = _access_by_token(shown.text, passage, route)
    limits.charge(passage, route)
    return passage.access


def _access_by_token(text: str, passage: Passage, route: str) -> OrganizationAccess:
    """Tell our OAuth server's opaque tokens from JSON Web Tokens by their prefix."""
    try:
        if bearer.is_ours(text):
            return bearer.access_of(text)
        return tokens.access_of(text)
    except (bearer.InvalidToken, tokens.InvalidToken) as error:
        refusals.note_bad_credential(passage, "invalid_token", route)
        raise InvalidCredential from error


def _access_by_key(text: str, passage: Passage, route: str) -> OrganizationAccess:
    """Check a key in the order that keeps strangers cheap.

    A key that is known by heart is charged first, with its stamp: the store says in
    the same round trip whether it still stands. If not, its row is read.
    """
    known = passage.known_key
    if known is not None:
        _refuse_elsewhere(known, passage)
        passage.access = known.access
        if limits.charge_all(passage, known, route):
            return _used(known, passage, route)
        passage.access = None
        limits.charge_before(passage)
    try:
        key = verification.verify(text, epoch=passage.epoch, address=passage.address)
    except verification.Refused as refusal:
        raise _refused(refusal, passage, route) from refusal
    _refuse_elsewhere(key, passage)
    passage.access = key.access
    limits.charge(passage, route)
    return _used(key, passage, route)


def _refuse_elsewhere(key: verification.VerifiedKey, passage: Passage) -> None:
    if not key.admits(passage.address):
        passage.access = key.access  # so that the log says whose key it is
        raise WrongAddress


def _used(
    key: verification.VerifiedKey, passage: Passage, route: str
) -> OrganizationAccess:
    """Note the use; say of a key that was replaced when it ends (RFC 9745, 8594)."""
    note_use(key, address=passage.address, endpoint=route)
    if key.deprecated_at and key.deprecated_until:
        passage.headers["Deprecation"] = f"@{int(key.deprecated_at.timestamp())}"
        passage.headers["Sunset"] = http_date(key.deprecated_until.timestamp())
    return key.access


def _refused(
    refusal: verification.Refused, passage: Passage, route: str
) -> exceptions.APIException:
    """Return the answer to a key that is not accepted, and tell the log why."""
    if refusal.reason is verification.Reason.BUSY:
        return Busy()
    refusals.note_bad_credential(
        passage,
        refusal.reason,
        route,
        organization_id=refusal.organization_id,
        subject=f"api_key:{refusal.key_id}" if refusal.key_id else "",
    )
    return InvalidKey()
