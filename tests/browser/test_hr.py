"""HR's day in the admin, with a real worker and a real receiver behind it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Page, expect

from employees.models import Employee
from integrations.webhooks import wake
from integrations.webhooks.services import create_endpoint
from tests.integrations.webhooks.sink import Sink

FILE = """\
Employee #,First Name,Last Name,Hire Date,Work Email,Reporting to,Department
901,Grace,Hopper,11/02/2026,grace@example.com,Katherine Johnson,Research
902,Katherine,Johnson,11/02/2026,katherine@example.com,Jonas Weber,Research
903,Ida,Rhodes,11/16/2026,ida@example.com,Grace Hopper,Research
"""


def database_url() -> str:
    """Return the address of the database that this test writes to."""
    parts = connection.settings_dict
    host = quote(str(parts["HOST"]), safe="")
    port = f":{parts['PORT']}" if parts["PORT"] else ""
    password = f":{quote(parts['PASSWORD'], safe='')}" if parts["PASSWORD"] else ""
    return f"postgresql://{parts['USER']}{password}@{host}{port}/{parts['NAME']}"


@pytest.fixture
def _worker(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """Run a Celery worker with beat on the test's own database and broker."""
    wake.throttle.reset()
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "people_hr", "worker"),
                *("--beat", "--schedule", str(tmp_path / "schedule")),
                *("--concurrency", "2", "--loglevel", "INFO"),
            ],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": database_url()},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    yield
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    print((tmp_path / "worker.log").read_text())  # noqa: T201 - shown by a failure


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


def reload_until(page: Page, text: str) -> None:
    """Load a page again until its table says the text; fail after some 15 seconds."""
    for _ in range(50):
        if page.locator("table td", has_text=text).count():
            return
        page.wait_for_timeout(300)
        page.reload()
    pytest.fail(f"{page.url} never said {text!r}")


@pytest.mark.usefixtures("_worker")
def test_hr_hires_somebody_and_sees_the_delivery_succeed(
    page, owner, log_in, accessible, sink
):
    create_endpoint(
        owner.organization, name="Payroll", url=sink.url, events=["employee.created"]
    )
    log_in(owner)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("link", name="Hire somebody").click()
    expect(page.locator(".select2-selection").first).to_be_visible()
    accessible()

    page.get_by_label("First name").fill("Grace")
    page.get_by_label("Last name").fill("Hopper")
    page.get_by_label("Work e-mail").fill("grace@example.com")
    page.locator("#id_hired_on").fill("2026-11-02")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("was added successfully").first).to_be_visible()
    sink.wait_for(1)
    assert b'"employee.created"' in sink.requests[0].body
    assert b"grace@example.com" in sink.requests[0].body
    page.goto("/admin/webhooks/delivery/")
    reload_until(page, "Delivered")
    accessible()


@pytest.mark.usefixtures("_worker")
def test_hr_imports_a_file_after_a_dry_run(page, owner, log_in, accessible):
    imported = Employee.objects.filter(department__name="Research")
    log_in(owner)
    page.goto("/admin/employees/employeeimport/add/")
    accessible()

    page.locator("#id_file").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    )
    page.get_by_role("button", name="Show what would change").click()
    would_change = page.get_by_role("heading", name="This is what would change")
    expect(would_change).to_be_visible()
    accessible()
    assert not imported.exists()

    page.get_by_role("button", name="Import 3 people").click()
    done = page.get_by_role("heading", name="3 people imported")
    expect(done).to_be_visible(timeout=20_000)
    accessible()
    assert {str(employee.manager) for employee in imported} == {
        "Jonas Weber",
        "Katherine Johnson",
        "Grace Hopper",
    }
