"""Parsers of limit headers that are not ours: http-sfv (PyPI), ratelimit-header-parser.

The latter is JavaScript, installed by npm from its lock file.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from http_sfv import List

from tests import node

SOURCE = Path(__file__).parent / "node"


def parse_fields(field: str) -> list[tuple[str, dict[str, Any]]]:
    """Return names and parameters of a List of Strings (RFC 9651)."""
    parsed = List()
    parsed.parse(field.encode())
    return [(item.value, dict(item.params)) for item in parsed]


def parse_older(headers: dict[str, str]) -> dict[str, Any]:
    """Return what ratelimit-header-parser makes of headers."""
    script = node.installed(SOURCE) / "parse.cjs"
    finished = subprocess.run(
        [node.BINARY, script],
        input=json.dumps({name.lower(): value for name, value in headers.items()}),
        capture_output=True,
        text=True,
        check=True,
    )
    parsed: dict[str, Any] = json.loads(finished.stdout)
    return parsed
