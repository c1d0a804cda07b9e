"""What our tokens look like: a prefix that scanners find, a secret, a checksum.

``pho_`` and 46 letters and digits: 40 of a secret (238 bits, RFC 9700 asks for 128) and
6 that are the CRC-32 of all before them, so that a typo or a foreign token is refused
without asking the database. Underscores never occur in base64, and a double click
selects the whole (https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/).
"""

import hashlib
import hmac
import secrets
import zlib
from enum import StrEnum
from functools import cache
from re import Pattern
from re import compile as compile_pattern

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SECRET_LENGTH = 40
CHECKSUM_LENGTH = 6


class Prefix(StrEnum):
    """What a token is for."""

    ACCESS = "pho_"
    REFRESH = "phf_"
    CODE = "phc_"
    CLIENT_SECRET = "phs_"  # noqa: S105


def generate(prefix: Prefix) -> str:
    """Return a new token that nobody can guess."""
    return _with_checksum(
        prefix, "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))
    )


def derive(prefix: Prefix, key: bytes, text: str) -> str:
    """Return the one token that follows from a text under a key, and from no other."""
    number = int.from_bytes(hmac.digest(key, text.encode(), "sha256"))
    return _with_checksum(prefix, _base62(number, SECRET_LENGTH))


def is_wellformed(prefix: Prefix, text: str) -> bool:
    """Say whether a text can be such a token at all; costs no query."""
    if not _pattern(prefix).match(text):
        return False
    return _with_checksum(prefix, text[len(prefix) : -CHECKSUM_LENGTH]) == text


def digest(text: str) -> str:
    """Return what is stored of a token: its SHA-256, which nobody can invert.

    A plain digest is enough for 238 random bits; it would not be for a password.
    """
    return hashlib.sha256(text.encode()).hexdigest()


def _with_checksum(prefix: Prefix, secret: str) -> str:
    body = f"{prefix}{secret}"
    return body + checksum_of(body)


def checksum_of(body: str) -> str:
    """Return the last letters of a token that begins with ``body``; no secret."""
    return _base62(zlib.crc32(body.encode()), CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = []
    for _position in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


@cache
def _pattern(prefix: Prefix) -> Pattern[str]:
    length = SECRET_LENGTH + CHECKSUM_LENGTH
    return compile_pattern(rf"{prefix}[0-9A-Za-z]{{{length}}}\Z")
