"""The examples of docs/authentication.md run as typed: curl, Python, JavaScript."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache

from organizations.roles import Role
from tests import node
from tests.factories import EmployeeFactory, MembershipFactory
from tests.factories.api_keys import ApiKeyFactory
from tests.factories.oauth import SECRET, ApplicationFactory
from tests.integrations.audit.conftest import database_address

DOCUMENT = settings.BASE_DIR / "docs" / "authentication.md"
ADDRESS = "http://127.0.0.1:8000"
MANAGE = shlex.join([sys.executable, str(settings.BASE_DIR / "manage.py")])


def examples(language: str, section: str) -> list[str]:
    """Return what stands in a language in a section of the document."""
    found = re.search(
        rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)",
        DOCUMENT.read_text(),
        re.DOTALL | re.MULTILINE,
    )
    assert found, section
    return re.findall(rf"```{language}\n(.*?)```", found[1], re.DOTALL)


@pytest.fixture
def demo(transactional_db: None) -> Any:
    """Make of the demo what the examples need."""
    owner = MembershipFactory(
        organization__slug="demo", user__email="hr@demo.example", role=Role.OWNER
    )
    owner.user.set_password("demo")
    owner.user.save()
    EmployeeFactory(
        organization=owner.organization, first_name="Ada", last_name="Lovelace"
    )
    yield owner
    cache.clear()


def run(command: list[str], script: str, server: Any, **variables: str) -> str:
    """Run an example against the running server; return what it prints."""
    assert ADDRESS in script
    typed = script.replace(ADDRESS, server.url).replace("script/manage", MANAGE)
    finished = subprocess.run(
        [*command, typed],
        env=os.environ | {"DATABASE_URL": database_address()} | variables,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


SHELL = ["bash", "-euo", "pipefail", "-c"]
PYTHON = [sys.executable, "-c"]
NODE = [str(node.BINARY), "--input-type=module", "--eval"]


@pytest.fixture
def key(demo: Any) -> str:
    made = ApiKeyFactory(organization=demo.organization, owner=demo.user)
    text: str = made.text
    return text


def test_the_first_call_with_curl(demo: Any, live_server: Any) -> None:
    assert shutil.which("curl")
    (script,) = examples("sh", "The first call")

    assert '"first_name":"Ada"' in run(SHELL, script, live_server)


@pytest.mark.parametrize(("language", "command"), [("python", PYTHON), ("js", NODE)])
def test_the_first_call_in_a_language(
    language: str, command: list[str], key: str, live_server: Any
) -> None:
    (script,) = examples(language, "The first call")

    printed = run(command, script, live_server, PEOPLE_HR_KEY=key)

    assert printed == "Ada Lovelace\n"


@pytest.mark.usefixtures("demo")
def test_a_login_with_curl(live_server: Any) -> None:
    script = examples("sh", "JSON Web Tokens")[0]

    assert "hr@demo.example" in run(SHELL, script, live_server)


def test_a_service_with_curl(demo: Any, live_server: Any) -> None:
    service = ApplicationFactory(
        service=True, organization=demo.organization, owner=demo.user
    )
    (script,) = examples("sh", "Apps: OAuth 2 and OpenID Connect")

    printed = run(
        SHELL, script, live_server, CLIENT_ID=service.client_id, CLIENT_SECRET=SECRET
    )

    assert '"first_name":"Ada"' in printed


def test_every_address_that_is_named_is_there(client: Any) -> None:
    addresses = set(
        re.findall(r"`(/(?:oauth|\.well-known)/[\w./-]+)`", DOCUMENT.read_text())
    )

    assert len(addresses) >= 10
    for address in sorted(addresses):
        assert client.options(address).status_code != 404, address
