"""Real engines for the whole test run, and what tests of several areas share."""

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

from integrations.audit.calls import call_log
from integrations.audit.repeated import tally
from integrations.rate_limits import rules as limit_rules
from integrations.rate_limits.limiter import limiter
from integrations.rate_limits.security import own_log
from people_hr import embedded
from tests.chromium import MISSING, find_chromium
from tests.settings import FOLDER_PREFIX

pytest_plugins = ["tests.plugins"]

ABANDONED_AFTER_SECONDS = 600.0


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
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Let the thread that writes calls go before the database is removed."""
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
