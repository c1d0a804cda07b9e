"""The text of an API key: how it is made, read, and turned into what is stored. Pure.

``phr_<live|test>_<12 base62 key id>_<32 base62 secret><6 base62 CRC32>``: a fixed
prefix and a checksum, so that scanners of leaked secrets find it without false alarms,
and no character that a double click would stop at. The checksum keeps typing errors and
guesses away from the database; it is not a secret, and protects nothing.
"""

import base64
import hashlib
import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field
from enum import StrEnum

import bcrypt

PREFIX = "phr"
#: The longest header value that is looked at, in bytes.
MAX_LENGTH = 128
KEY_ID_LENGTH = 12
SECRET_LENGTH = 32  # of 62 characters: 190.5 bits
CHECKSUM_LENGTH = 6
TAG_BYTES = 4

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
PATTERN = re.compile(r"phr_(live|test)_([0-9A-Za-z]{12})_[0-9A-Za-z]{38}\Z")


class Environment(StrEnum):
    """What a key was made for; it stands in the key, for people and scanners."""

    LIVE = "live"
    TEST = "test"


class MalformedKey(ValueError):
    """The text is no key that was ever given out."""


@dataclass(frozen=True, slots=True)
class KeyText:
    """A whole key, and the parts of it that are no secret."""

    text: str = field(repr=False)
    environment: Environment
    key_id: str

    @property
    def public_part(self) -> str:
        """What may be shown and logged: everything left of the second underscore."""
        return f"{PREFIX}_{self.environment}_{self.key_id}"


def generate(environment: Environment) -> KeyText:
    """Return a new key."""
    key_id = _random(KEY_ID_LENGTH)
    start = f"{PREFIX}_{environment}_{key_id}_{_random(SECRET_LENGTH)}"
    return KeyText(start + checksum(start), environment, key_id)


def parse(text: str) -> KeyText:
    """Read a key; needs no database.

    Raises:
        MalformedKey: for whatever is no key, also a key with anything around it.
    """
    found = PATTERN.match(text) if len(text) <= MAX_LENGTH else None
    if found is None:
        raise MalformedKey
    if text[-CHECKSUM_LENGTH:] != checksum(text[:-CHECKSUM_LENGTH]):
        raise MalformedKey
    return KeyText(text, Environment(found[1]), found[2])


def checksum(start: str) -> str:
    """Return the CRC32 (ISO 3309) of a key's start in base62, zero padded to six."""
    number = zlib.crc32(start.encode("ascii"))
    digits = []
    for _position in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def tag(text: str, pepper: str) -> str:
    """Return the first 32 bits of an HMAC-SHA256 of the key, as eight hex digits.

    Whoever does not know the key meets it once in 4 billion tries, so that strangers
    cannot make us hash.
    """
    return hmac.digest(pepper.encode(), text.encode(), "sha256")[:TAG_BYTES].hex()


def digest(text: str) -> bytes:
    """Return what bcrypt hashes: 44 bytes, whatever the key's length.

    bcrypt reads 72 bytes and stops at NUL, hence base64 of SHA-256.
    """
    return base64.b64encode(hashlib.sha256(text.encode()).digest())


def hash_key(text: str, cost: int) -> str:
    """Return the bcrypt hash of a key; 2 to the power of ``cost`` rounds."""
    return bcrypt.hashpw(digest(text), bcrypt.gensalt(cost)).decode("ascii")


def matches(text: str, hashed: str) -> bool:
    """Say whether a key is the one that was hashed; never for a hash that is none."""
    try:
        return bcrypt.checkpw(digest(text), hashed.encode())
    except ValueError:
        return False


def cost_of(hashed: str) -> int:
    """Return the cost of a bcrypt hash (``$2b$10$…``)."""
    return int(hashed.split("$")[2])


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _position in range(length))
