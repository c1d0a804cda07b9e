"""docs/settings.md against the names that the code reads, in both directions."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from people_hr import env

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SOURCES = ("people_hr", "organizations", "employees", "leave", "attendance")
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.+) \|$", re.MULTILINE)
SHELL_NAME = re.compile(r"\$\{?([A-Z][A-Z_]+)\b")
# Ours to set and not the reader's: a mark of our processes, what other programs read.
INTERNAL = {"PEOPLE_HR_SUPERVISED", "DJANGO_SETTINGS_MODULE"}
FOREIGN = {"BASH_SOURCE", "SECONDS", "PYTHONPATH", "HOSTNAME"}

documented = {
    name: default
    for name, default, _ in ROW.findall((CHECKOUT / "docs/settings.md").read_text())
}


def modules() -> Iterator[ast.Module]:
    for folder in (*SOURCES, "integrations"):
        for path in (CHECKOUT / folder).rglob("*.py"):
            yield ast.parse(path.read_text("utf-8"))


def reads() -> Iterator[tuple[str, ast.Call]]:
    """Every call of a reader in people_hr/env.py or of os.environ, with its name."""
    for module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and node.args:
                function = ast.unparse(node.func)
                is_reader = re.fullmatch(r"env_[a-z]+|os\.environ\.get", function)
                first = node.args[0]
                if is_reader and isinstance(first, ast.Constant):
                    yield str(first.value), node


def literal_default(call: ast.Call) -> str | None:
    """The default as the documents write it; None where it is computed."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "default"]
    if not given or not isinstance(given[0], ast.Constant):
        return None
    value = given[0].value
    return f"`{int(value) if isinstance(value, bool) else value}`"


def names_in_scripts() -> set[str]:
    scripts = [*(CHECKOUT / "script").iterdir(), CHECKOUT / ".ci" / "run"]
    text = "\n".join(path.read_text("utf-8") for path in scripts if path.is_file())
    return set(SHELL_NAME.findall(text)) - FOREIGN


def test_every_name_that_is_read_is_documented() -> None:
    read = {name for name, _ in reads()} | set(env.DECLARED)

    assert len(read) > 20
    assert sorted(read - INTERNAL - set(documented)) == []


def test_every_name_that_a_script_reads_is_documented() -> None:
    assert "PEOPLE_HR_DEMO" in names_in_scripts()
    assert sorted(names_in_scripts() - set(documented)) == []


def test_every_documented_name_is_read() -> None:
    read = {name for name, _ in reads()} | names_in_scripts() | {"CHROMIUM", "CI"}

    assert sorted(set(documented) - read) == []


def test_documented_defaults_are_the_code_s() -> None:
    written = {
        name: default
        for name, call in reads()
        if (default := literal_default(call)) is not None
    }

    assert {name: documented.get(name) for name in written} == written


def test_every_name_in_the_example_is_documented() -> None:
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    names = {line.split("=")[0] for line in lines if line and line[0] != "#"}

    assert names - set(documented) == {"POSTGRES_PASSWORD"}  # compose.yaml's own


@pytest.mark.parametrize("text", ["many", "1.5", ""])
def test_value_that_cannot_be_read_stops_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("PORT", text)

    with pytest.raises(ImproperlyConfigured, match=r"PORT=.* is not a whole number"):
        env.env_int("PORT", default=8000)
