"""JSON Web Tokens (RFC 7519) as simplejwt makes them, signed by our ring.

What is read is held against everything that is written: the algorithm, the key, the
media type, every claim. A header that could name another key or address (``jku``,
``x5u``, ``jwk`` …) is refused, whatever it says (RFC 8725).
"""

import binascii
import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

import jwt
import orjson
from jwt.utils import base64url_decode, base64url_encode
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token

from organizations.tokens.errors import InvalidToken
from organizations.tokens.keys import ALGORITHM
from organizations.tokens.ring import signing_key, verifying_key

#: Ours have 600 characters; nothing longer is looked at.
MAX_LENGTH = 2048
#: Three parts of base64url, the last of which holds the 64 bytes of ES256.
FORM = re.compile(r"[A-Za-z0-9_-]{1,200}\.[A-Za-z0-9_-]{1,1700}\.[A-Za-z0-9_-]{86}")
HEADER_NAMES = {"alg", "kid", "typ"}
CLAIMS = ("iss", "aud", "sub", "org", "sid", "jti", "iat", "exp", "token_type")
#: What the libraries raise at claims of other types and beyond all bounds.
UNREADABLE = (
    TokenError,
    TokenBackendError,
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
)
#: So many access tokens are remembered as verified, in each process; 1 KB each.
REMEMBERED_TOKENS = 10_000


class RingBackend(TokenBackend):
    """Signs with the key that is current and verifies with those that are published."""

    def __init__(self, media_type: str) -> None:
        super().__init__(
            ALGORITHM,
            audience=api_settings.AUDIENCE,
            issuer=api_settings.ISSUER,
            leeway=api_settings.LEEWAY,
        )
        self.media_type = media_type

    def encode(self, payload: dict[str, Any]) -> str:
        key_id, key = signing_key()
        return jwt.encode(
            {**payload, "iss": self.issuer, "aud": self.audience},
            key,
            ALGORITHM,
            headers={"kid": key_id, "typ": self.media_type},
        )

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """Return the claims; there is no way to read without verifying.

        Raises:
            TokenBackendError: when anything is not as we write it.
        """
        key = verifying_key(self.key_id_of(token))
        if key is None:
            raise TokenBackendError("Unknown key")
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self.audience,
                issuer=self.issuer,
                leeway=self.get_leeway(),
                options={"require": list(CLAIMS), "strict_aud": True},
            )
        except jwt.InvalidTokenError as error:
            raise TokenBackendError("Invalid token") from error

    def key_id_of(self, token: str) -> str:
        """Return the key id that a token of our form names.

        Raises:
            TokenBackendError: when the header is none that we write.
        """
        if len(token) > MAX_LENGTH or not FORM.fullmatch(token):
            raise TokenBackendError("Malformed token")
        head, _claims, signature = token.split(".")
        try:
            # Decoders ignore spare bits: one signature could be spelt in many ways.
            is_plain = (
                base64url_encode(base64url_decode(signature)) == signature.encode()
            )
            header = orjson.loads(base64url_decode(head))
        except (binascii.Error, ValueError) as error:
            raise TokenBackendError("Malformed token") from error
        if not is_plain or not isinstance(header, dict) or set(header) != HEADER_NAMES:
            raise TokenBackendError("Malformed token")
        key_id = header["kid"]
        is_ours = header["alg"] == ALGORITHM and header["typ"] == self.media_type
        if not is_ours or not isinstance(key_id, str):
            raise TokenBackendError("Malformed token")
        return key_id


class SignedToken(Token):
    """What access and refresh tokens have in common."""

    media_type: ClassVar[str]

    def get_token_backend(self) -> RingBackend:
        return _backend(self.media_type)


class AccessToken(SignedToken):
    """A token to call the API with; its type is that of RFC 9068, section 2.1."""

    token_type = "access"  # noqa: S105
    media_type = "at+jwt"
    lifetime: dt.timedelta = api_settings.ACCESS_TOKEN_LIFETIME


class RefreshToken(SignedToken):
    """A token to get the next pair with."""

    token_type = "refresh"  # noqa: S105
    media_type = "rt+jwt"
    lifetime: dt.timedelta = api_settings.REFRESH_TOKEN_LIFETIME


@lru_cache
def _backend(media_type: str) -> RingBackend:
    return RingBackend(media_type)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says; ``expires_at`` is in seconds since 1970."""

    key_id: str
    token_id: str
    family_id: UUID
    organization_id: UUID
    user_id: UUID
    expires_at: int


def read_refresh(text: str) -> Claims:
    """Verify a refresh token.

    Raises:
        InvalidToken: when anything about it is not as we write it, or is past.
    """
    return _read(RefreshToken, text)


def read_access(text: str) -> Claims:
    """Verify an access token; one that was verified before costs no cryptography.

    Raises:
        InvalidToken: when anything about it is not as we write it, or is past.
    """
    claims = _read_once(text)
    if claims.expires_at + api_settings.LEEWAY <= dt.datetime.now(dt.UTC).timestamp():
        raise InvalidToken
    return claims


@lru_cache(maxsize=REMEMBERED_TOKENS)
def _read_once(text: str) -> Claims:
    """Remember what was verified: the exact text, never a refusal."""
    return _read(AccessToken, text)


def forget_verified() -> None:
    """Verify every access token anew."""
    _read_once.cache_clear()


def _read(kind: type[SignedToken], text: str) -> Claims:
    try:
        token = kind(text)  # type: ignore[arg-type]  # simplejwt mistypes its text
        return _claims(_backend(kind.media_type).key_id_of(text), token.payload)
    except UNREADABLE as error:
        raise InvalidToken from error


def _claims(key_id: str, payload: dict[str, Any]) -> Claims:
    """Take the claims in the one way that we write them.

    Raises:
        InvalidToken: when one is of another type or spelling.
    """
    if not all(type(payload[name]) is int for name in ("iat", "exp")):
        raise InvalidToken
    family, organization, user = (
        _uuid(payload[name]) for name in ("sid", "org", "sub")
    )
    return Claims(key_id, payload["jti"], family, organization, user, payload["exp"])


def _uuid(value: Any) -> UUID:
    found = UUID(value) if isinstance(value, str) else None
    if found is None or str(found) != value:
        raise InvalidToken
    return found
