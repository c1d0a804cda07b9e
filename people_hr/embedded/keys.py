"""Keys that an installation makes for itself, in demo mode alone."""

import base64
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from people_hr.embedded.account import make_private_folder
from people_hr.embedded.locks import exclusively


def generated_key(var: Path, name: str) -> str:
    """Return the key kept as ``var/name``, made on first use: 32 bytes in base64."""
    return _kept(var, name, lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)))


def generated_rsa_key(var: Path, name: str) -> str:
    """Return the RSA key kept as ``var/name``, made on first use: 2048 bits in PEM."""
    return _kept(var, name, _rsa_key)


def _kept(var: Path, name: str, make: Callable[[], bytes]) -> str:
    path = var / name
    if not path.exists():
        make_private_folder(var)
        with exclusively(var / "keys.lock"):
            if not path.exists():
                _write_key(path, make())
    return path.read_text("ascii").strip()


def _rsa_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_key(path: Path, key: bytes) -> None:
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_bytes(key)
    draft.replace(path)
