"""Secrets at rest: Fernet (AES-128-CBC and HMAC-SHA256) under the installation's keys.

``settings.ENCRYPTION_KEYS`` is a list: the first key encrypts, every key decrypts, so
that a key can be replaced without touching the rows at the same moment.
"""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@lru_cache(maxsize=4)
def _keyring(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS must be Fernet keys: 32 random bytes, URL-safe base64."
        ) from error


def encrypt(text: str) -> str:
    """Return the text encrypted under the first key."""
    return _keyring(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return the text that was encrypted under any of the keys.

    Raises UndecipherableSecret when none of them fits.
    """
    try:
        plain = _keyring(tuple(settings.ENCRYPTION_KEYS)).decrypt(token.encode())
    except InvalidToken as error:
        raise UndecipherableSecret from error
    return plain.decode()


class UndecipherableSecret(Exception):
    """No key in ENCRYPTION_KEYS decrypts this secret."""

    def __init__(self) -> None:
        super().__init__("No key in ENCRYPTION_KEYS decrypts this secret.")
