import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Only root can become somebody else.
collect_ignore = [] if os.geteuid() == 0 else ["test_embedded_as_root.py"]


@pytest.fixture
def var() -> Iterator[Path]:
    """A data folder that other accounts can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "var"
