"""Keys that an installation makes for itself, in demo mode alone."""

import base64
import secrets
from pathlib import Path

from people_hr.embedded.account import make_private_folder
from people_hr.embedded.locks import exclusively


def generated_key(var: Path, name: str) -> str:
    """Return the key kept as ``var/name``, made on first use: 32 bytes in base64."""
    path = var / name
    if not path.exists():
        make_private_folder(var)
        with exclusively(var / "keys.lock"):
            if not path.exists():
                _write_key(path)
    return path.read_text("ascii").strip()


def _write_key(path: Path) -> None:
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_bytes(base64.urlsafe_b64encode(secrets.token_bytes(32)))
    draft.replace(path)
