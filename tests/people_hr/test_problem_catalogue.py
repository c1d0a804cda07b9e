"""Every kind of problem has a page, and every code that is raised is in the table."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from rest_framework import exceptions

from organizations.models import StaleRecord
from people_hr.problem_catalogue import PROBLEM_KINDS, problems_document

APPS = ("organizations", "employees", "leave", "attendance", "integrations")
#: Their codes are told field by field, under the type ``invalid``.
FIELDWISE = {"ValidationError", "ErrorDetail", "RegexValidator", "UnusableFileError"}


def sources() -> Iterator[ast.Module]:
    for app in APPS:
        for path in sorted(Path(settings.BASE_DIR, app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield ast.parse(path.read_text())


def subclasses(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def raising() -> set[str]:
    """Return the names of the exceptions whose code becomes a problem's type."""
    kinds = {
        StaleRecord,
        *subclasses(StaleRecord),
        *subclasses(exceptions.APIException),
    }
    return {kind.__name__ for kind in kinds} - FIELDWISE


def raised_codes() -> set[str]:
    names, found = raising(), set()
    for source in sources():
        for node in ast.walk(source):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called == "Problem" and isinstance(node.args[1], ast.Constant):
                found.add(node.args[1].value)
            if called in names:
                found |= {
                    keyword.value.value
                    for keyword in node.keywords
                    if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
                }
    return found


def default_codes() -> set[str]:
    return {
        str(kind.default_code)
        for kind in subclasses(exceptions.APIException)
        if kind.__module__.split(".")[0] in {*APPS, "rest_framework"}
    }


def test_every_code_that_is_raised_has_an_entry() -> None:
    raised = raised_codes() | default_codes() | {"stale", "decided"}

    assert {"clocked_in", "no_membership", "in_use", "invalid_api_key"} <= raised
    assert raised - {"decided"} - PROBLEM_KINDS.keys() == set()


def test_no_entry_is_for_nothing() -> None:
    known = raised_codes() | default_codes() | {"stale", "decided", "conflict"}

    assert PROBLEM_KINDS.keys() - known == set()


def test_the_document_is_printed_from_the_table() -> None:
    document = settings.BASE_DIR / "docs" / "problems.md"

    assert document.read_text() == problems_document(), (
        "Run: script/manage print_problems > docs/problems.md"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("code", PROBLEM_KINDS)
def test_every_kind_has_a_page(client: Client, code: str) -> None:
    page = client.get(f"/problems/{code}/")

    assert page.status_code == 200
    body = page.content.decode()
    assert f"<code>{code}</code>" in body
    assert "&quot;request_id&quot;" in body
    assert "`" not in body


@pytest.mark.django_db
def test_the_list_leads_to_every_page(client: Client) -> None:
    body = client.get("/problems/").content.decode()

    assert all(f'href="/problems/{code}/"' in body for code in PROBLEM_KINDS)
    assert client.get("/problems/nothing/").status_code == 404
