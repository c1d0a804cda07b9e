"""A file of 5,000 employees becomes 5,000 events that a receiver verifies."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from standardwebhooks import Webhook

from bench.employees_file import write_employees
from employees.models import Employee
from integrations.webhooks.models import Delivery, Endpoint
from people_hr.embedded.engine import wait_until
from tests.factories import EndpointFactory
from tests.flows.conftest import Installation, kill
from tests.integrations.webhooks.sink import Sink
from tests.integrations.webhooks.stories import secret_of

pytestmark = pytest.mark.long

EMPLOYEES = 5000
#: Enough for a worker to be killed among them.
HALF_WAY = 2000


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def endpoint(installation: Installation, sink: Sink) -> Iterator[Endpoint]:
    yield EndpointFactory(url=sink.url, events=["employee.created"])
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE organizations_organization CASCADE")


def a_file(folder: Path, employees: int) -> Path:
    path = folder / "bamboohr.csv"
    with path.open("w", newline="") as opened:
        write_employees(opened, employees)
    return path


def import_file(file: Path, endpoint: Endpoint, *options: str) -> None:
    """Do as `manage.py import_employees` does."""
    slug = endpoint.organization.slug
    with Path("/dev/null").open("w") as nowhere:
        call_command(
            "import_employees",
            str(file),
            "--organization",
            slug,
            *options,
            stdout=nowhere,
            stderr=nowhere,
        )


def verified_subjects(sink: Sink, endpoint: Endpoint) -> Counter[str]:
    """Return how often each employee was told of, by what the library verified."""
    webhook = Webhook(secret_of(endpoint))
    return Counter(
        webhook.verify(request.body, request.headers)["subject"]["id"]
        for request in sink.requests
    )


def everyone() -> set[str]:
    return {str(pk) for pk in Employee.objects.values_list("pk", flat=True)}


def all_arrived() -> bool:
    return not Delivery.objects.exclude(status="delivered").exists()


def test_every_employee_of_a_file_arrives_once(installation, endpoint, sink, tmp_path):
    file = a_file(tmp_path, EMPLOYEES)
    installation.start_worker()
    import_file(file, endpoint, "--dry-run")
    assert not Employee.objects.exists()

    import_file(file, endpoint)
    assert wait_until(all_arrived, 60)
    import_file(file, endpoint)  # the same once more: nothing changes

    told = verified_subjects(sink, endpoint)
    assert len(told) == EMPLOYEES
    assert (set(told), set(told.values())) == (everyone(), {1})


def test_the_same_with_a_killed_worker_and_an_empty_valkey_half_way(
    installation, endpoint, sink, tmp_path
):
    worker = installation.start_worker()
    import_file(a_file(tmp_path, HALF_WAY), endpoint)
    sink.wait_for(HALF_WAY // 4)

    kill(worker)
    installation.valkey.stop()
    installation.restart_valkey_empty()
    before = len(sink.requests)
    assert before < HALF_WAY
    installation.start_worker()
    assert wait_until(all_arrived, 60)

    told = verified_subjects(sink, endpoint)
    assert set(told) == everyone()
    assert len(told) == HALF_WAY
    assert sum(count - 1 for count in told.values()) <= before
    ids = {request.headers["webhook-id"] for request in sink.requests}
    assert len(ids) == HALF_WAY
