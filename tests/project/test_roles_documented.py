"""docs/roles.md says what organizations/roles.py says."""

from django.conf import settings

from organizations.roles import Role
from people_hr.management.commands.print_roles import MEANINGS, roles_document

DOCUMENT = settings.BASE_DIR / "docs" / "roles.md"


def test_roles_are_documented_as_they_are():
    assert DOCUMENT.read_text() == roles_document(), (
        "Run: script/manage print_roles > docs/roles.md"
    )


def test_every_role_says_what_it_is_for():
    assert set(MEANINGS) == set(Role)
