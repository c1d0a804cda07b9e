"""The examples of docs/api.md run as typed."""

import json
import re
import subprocess
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache

from employees.models import Employee
from integrations.webhooks.models import Endpoint
from organizations.roles import Role
from people_hr.api import router
from tests.factories import EmployeeFactory, MembershipFactory

DOCUMENT = settings.BASE_DIR / "docs" / "api.md"
ADDRESS = "http://127.0.0.1:8000"


def examples() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)


@pytest.mark.django_db(transaction=True)
def test_the_examples_run_as_typed(live_server: Any) -> None:
    owner = MembershipFactory(
        organization__slug="demo", user__email="owner@demo.example", role=Role.OWNER
    )
    owner.user.set_password("demo")
    owner.user.save()
    EmployeeFactory(organization=owner.organization)
    script = "\n".join(examples())
    assert ADDRESS in script

    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.replace(ADDRESS, live_server.url)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    grace = Employee.objects.get(work_email="grace.hopper@demo.example")
    assert (grace.preferred_name, grace.status) == ("Amazing Grace", "active")
    assert str(grace.first_hired_on) == "2026-01-05"
    assert Endpoint.objects.get().name == "Payroll"
    assert "HTTP/1.1 201 Created" in run.stdout
    # The one that is shown, and that of an item of many.
    assert run.stdout.count("/problems/") == 2
    assert "/items/1/work_email" in run.stdout
    assert "304\n" in run.stdout
    shown = re.search(r"```json\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert shown
    problem = json.loads(shown.group(1))
    assert json.dumps(problem, separators=(",", ":")) in run.stdout
    cache.clear()


def test_every_resource_is_named() -> None:
    document = DOCUMENT.read_text()

    missing = [
        prefix
        for prefix, _viewset, _name in router.registry
        if f"{prefix.split('/')[0]}/" not in document
    ]
    assert missing == []
