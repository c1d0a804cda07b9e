"""Real engines for the whole test run, and what tests of several areas share."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_migrate
from pytest_django import DjangoDbBlocker

from integrations.audit.calls import call_log
from integrations.audit.repeated import tally
from integrations.rate_limits import rules as limit_rules
from integrations.rate_limits.limiter import limiter
from integrations.rate_limits.security import own_log
from people_hr import embedded
from people_hr.embedded.postgresql import PostgreSQL
from tests.chromium import MISSING, find_chromium
from tests.settings import FOLDER_PREFIX

pytest_plugins = ["tests.plugins"]

ABANDONED_AFTER_SECONDS = 600.0
TEMPLATE_NAME = "test_people_hr_template"


def pytest_configure(config: pytest.Config) -> None:
    """Start the engines once; the workers of pytest-xdist use the controller's."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    remove_abandoned_folders()
    stack = ExitStack()
    stack.callback(shutil.rmtree, settings.VAR, ignore_errors=True)
    stack.enter_context(
        embedded.engines(settings.VAR, embedded.wanted_engines(), durable=False)
    )
    config.add_cleanup(stack.close)


def remove_abandoned_folders() -> None:
    """Remove what test runs that were killed have left behind."""
    now = time.time()
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        with suppress(FileNotFoundError):  # another run has removed it meanwhile
            is_old = now - folder.stat().st_mtime > ABANDONED_AFTER_SECONDS
            if is_old and embedded.stop_unused_engines(folder):
                shutil.rmtree(folder)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """Let the workers of pytest-xdist copy one migrated database.

    Each would migrate its own otherwise, which takes 13 s of a processor. On a server
    that is not ours they do: the template would stay behind there.
    """
    is_worker = hasattr(request.config, "workerinput")
    if is_worker and PostgreSQL in embedded.wanted_engines():
        with django_db_blocker.unblock():
            migrate_template()
        connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE_NAME


def migrate_template() -> None:
    """Make the database to copy, unless another worker has; wait while one does."""
    made = settings.VAR / "template"
    with made.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if made.stat().st_size:
            return
        described = connection.settings_dict
        name, test = described["NAME"], described["TEST"]
        described["TEST"] = {**test, "NAME": TEMPLATE_NAME}
        # A worker that died half-way has left one behind: it is made anew.
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        connection.close()
        settings.DATABASES["default"]["NAME"] = described["NAME"] = name
        described["TEST"] = test
        file.write("migrated")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Let the thread that writes calls go before the database is removed."""
    # Roles decide here, and nobody asks for Django's permissions: to make them anew
    # after each test that empties the database would take 0.2 s.
    post_migrate.disconnect(
        dispatch_uid="django.contrib.auth.management.create_permissions"
    )
    yield
    call_log.close()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Let no test see what another one has cached."""
    cache.clear()
    # The counts are gone with it, and the version that the store has told; that there
    # are no rules is known without a query.
    limiter().heard = None
    limit_rules.hold({})
    own_log().clear()
    tally.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that nobody waits for it alone in the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip browser tests where there is no browser; in CI that is a failure."""
    if item.get_closest_marker("browser") and find_chromium() is None:
        if is_ci():
            pytest.fail(MISSING)
        pytest.skip(MISSING)


def is_ci() -> bool:
    """Say whether nothing may be left out."""
    return os.environ.get("CI") == "true"


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say in the last lines what has not run."""
    skipped = len(terminalreporter.getreports("skipped"))
    if skipped:
        terminalreporter.write_line(f"NOT RUN: {skipped} tests, see above.", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail in CI when a test was skipped."""
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    is_worker = hasattr(session.config, "workerinput")
    if is_ci() and not is_worker and reporter and reporter.getreports("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
