"""Print ``docs/roles.md``: ``script/manage print_roles > docs/roles.md``."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from organizations.roles import ROLE_SCOPES, SCOPES, Role

INTRODUCTION = """\
# Roles and scopes

A member of an organization has one role. A role holds scopes; a scope opens addresses
and fields. A token or key never holds more than the role of its member. What is not
said here is refused.

This page is printed from `organizations/roles.py`: `script/manage print_roles`.
"""

MEANINGS = {
    Role.OWNER: "Everything. An organization keeps at least one; owners alone make and "
    "unmake owners.",
    Role.HR_ADMIN: "HR, and members, API keys, webhooks and the event log.",
    Role.HR: "People: hires, changes, imports, ends employments.",
    Role.MANAGER: "The directory, and personal fields of the people below them.",
    Role.EMPLOYEE: "The directory, and their own profile.",
    Role.AUDITOR: "Reads everything, writes nothing.",
}


def roles_document() -> str:
    """Return the page: what each role is for, and which scopes it holds."""
    return "\n".join([INTRODUCTION, *_roles(), "", *_scopes()]) + "\n"


def _roles() -> Iterator[str]:
    yield "| Role | What it is for |"
    yield "| --- | --- |"
    for role in Role:
        yield f"| **{role.label}** (`{role}`) | {MEANINGS[role]} |"


def _scopes() -> Iterator[str]:
    yield "| Scope | What it allows | " + " | ".join(str(r.label) for r in Role) + " |"
    yield "| --- | --- |" + " :-: |" * len(Role)
    for scope, words in SCOPES.items():
        held = ("yes" if scope in ROLE_SCOPES[role] else "" for role in Role)
        yield f"| `{scope}` | {words} | " + " | ".join(held) + " |"


class Command(BaseCommand):
    help = "Print the table of roles and scopes, as docs/roles.md holds it."

    def handle(self, **options: Any) -> None:
        self.stdout.write(roles_document(), ending="")
