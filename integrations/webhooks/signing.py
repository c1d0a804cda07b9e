"""Sign events as the Standard Webhooks specification, version 1, says.

The receiver gets three headers: ``webhook-id``, ``webhook-timestamp`` (Unix seconds of
the attempt) and ``webhook-signature``: ``v1,`` and the base64 of the HMAC-SHA256 of
``id.timestamp.body``. Source: https://www.standardwebhooks.com, "Signature scheme".
"""

import base64
import binascii
import hmac
import secrets

SECRET_PREFIX = "whsec_"  # noqa: S105 - not a secret, what marks one
SECRET_BYTES = 32


def generate_secret() -> str:
    """Return a new secret: ``whsec_`` and the base64 of 32 random bytes."""
    key = secrets.token_bytes(SECRET_BYTES)
    return SECRET_PREFIX + base64.b64encode(key).decode()


def signing_key(secret: str) -> bytes:
    """Return the bytes that a secret stands for.

    Raises ValueError when it is not ``whsec_`` followed by base64.
    """
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError(f"A signing secret starts with {SECRET_PREFIX}.")
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("A signing secret is base64 after its prefix.") from error


def sign(key: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of the ``webhook-signature`` header."""
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    digest = hmac.digest(key, signed, "sha256")
    return "v1," + binascii.b2a_base64(digest, newline=False).decode()


def signature_headers(
    key: bytes, *, message_id: str, timestamp: int, body: bytes
) -> list[str]:
    """Return the three header lines that let a receiver verify one attempt."""
    signature = sign(key, message_id=message_id, timestamp=timestamp, body=body)
    return [
        f"webhook-id: {message_id}",
        f"webhook-timestamp: {timestamp}",
        f"webhook-signature: {signature}",
    ]
