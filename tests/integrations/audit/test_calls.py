"""Calls are written off the request's path, and none is lost without being counted."""

import datetime as dt
import os
import signal
import threading
import time
from uuid import uuid4

import pytest
from django.db import connection

from integrations.audit.calls import CallLog
from integrations.audit.counting import CALLS_DROPPED, CALLS_REFUSED, read
from integrations.audit.flusher import BATCH_CALLS
from integrations.audit.models import LoggedCall
from people_hr.embedded.engine import wait_until
from tests.integrations.audit.calling import CALLS_PER_REQUEST, a_call
from tests.integrations.audit.conftest import ask, free_port, wait_up

SCRIPT = "tests.integrations.audit.calling"


def written(mark: str) -> int:
    return LoggedCall.objects.filter(request_id=mark).count()


def counters() -> dict[str, int]:
    with connection.cursor() as cursor:
        return read(cursor)


def test_a_call_is_written_with_all_that_is_known_of_it(log):
    call = a_call(occurred_at=dt.datetime.now(dt.UTC), actor_id=None)

    log.note(call)
    log.close()

    row = LoggedCall.objects.get()
    shown = {name: getattr(row, name) for name in call.__slots__}
    assert shown == {name: getattr(call, name) for name in call.__slots__}


def test_a_call_is_written_within_a_second_though_nobody_asks(log):
    log.note(a_call())

    assert wait_until(lambda: LoggedCall.objects.count() == 1, 1.0)


def test_the_id_is_a_uuid_of_the_moment(log):
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(hours=3)
    log.note(a_call(occurred_at=moment))
    log.close()

    row = LoggedCall.objects.get()
    assert row.id.version == 7
    assert row.id.int >> 80 == int(moment.timestamp() * 1000)


@pytest.mark.parametrize(
    ("agent", "kept"),
    [
        ("a\tb\nc\x00d\\N", "a\ufffdb\ufffdc\ufffdd\\N"),
        ("\\.", "\\."),
        ("\ud800", "\ufffd"),
        ("é" * 1000, "é" * 300),
        ("", ""),
    ],
)
def test_no_text_of_a_caller_breaks_the_batch(log, agent, kept):
    log.note(a_call(agent=agent))
    log.note(a_call(agent="after"))
    log.close()

    assert [row.agent for row in LoggedCall.objects.order_by("-agent")] == sorted(
        [kept, "after"], reverse=True
    )


def test_a_call_that_the_table_refuses_is_counted_and_keeps_no_other_out(log):
    log.note(a_call())
    log.note(a_call(status=1_000_000))
    log.note(a_call())
    log.close()

    assert LoggedCall.objects.count() == 2
    assert counters() == {CALLS_REFUSED: 1}


def test_refusals_are_counted_by_status(log):
    for status in (200, 401, 401, 403, 404, 429):
        log.note(a_call(status=status))
    log.close()

    assert counters() == {"calls_401": 2, "calls_403": 1, "calls_429": 1}


def test_what_is_left_beside_calls_is_written_by_the_same_thread(log):
    written, seen = [], threading.Event()

    def beside(connect, *, is_last):
        written.append((connect().info.dbname, is_last))
        seen.set()

    log.companions.append(beside)
    log.note(a_call())
    assert seen.wait(2)
    log.close()

    name = connection.settings_dict["NAME"]
    assert written[0] == (name, False)
    assert written[-1] == (name, True)


def test_a_thread_that_ended_is_started_again(log):
    log.note(a_call())
    log._flusher.stop(5)
    for _ in range(BATCH_CALLS + 1):
        log.note(a_call())
    log.close()

    assert LoggedCall.objects.count() == BATCH_CALLS + 2


def test_what_finds_no_room_is_counted(emptied):
    log = CallLog(room=10)
    for _ in range(25):
        log.waiting.append(a_call())
    log.note(a_call())
    log.note(a_call())
    log.waiting.popleft()

    assert log.dropped == 2
    log.waiting.clear()
    log.note(a_call())
    log.close()
    assert LoggedCall.objects.count() == 1
    assert counters() == {CALLS_DROPPED: 2}


def test_calls_wait_while_the_database_is_away(log, settings):
    place = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        log.note(a_call())
        time.sleep(0.6)
    finally:
        connection.settings_dict["HOST"] = place

    assert wait_until(lambda: LoggedCall.objects.count() == 1, 5)


def test_a_connection_that_broke_is_opened_again(log):
    log.note(a_call())
    assert wait_until(lambda: LoggedCall.objects.count() == 1, 2)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'people-hr call log' "
            "AND datname = current_database()"
        )
        assert cursor.rowcount == 1

    log.note(a_call())

    assert wait_until(lambda: LoggedCall.objects.count() == 2, 5)


def test_many_threads_lose_nothing(log):
    def call_often() -> None:
        for _ in range(300):
            log.note(a_call())
            time.sleep(0)

    threads = [threading.Thread(target=call_often) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()

    assert LoggedCall.objects.count() == 1500
    assert log.dropped == 0


def test_the_requests_connection_is_not_used(log, django_assert_num_queries):
    with django_assert_num_queries(0):
        log.note(a_call())
        log.close()


def test_a_forked_process_writes_its_own_calls_and_not_its_parents(log):
    connection.close()
    log._start = lambda: None  # the parent's calls wait
    log.note(a_call(request_id="parent"))
    child = os.fork()
    if not child:
        del log._start
        log.forget_parent()
        log.note(a_call(request_id="child"))
        log.close()
        os._exit(0)
    os.waitpid(child, 0)
    del log._start
    log.note(a_call(request_id="parent"))
    log.close()

    assert (written("child"), written("parent")) == (1, 2)


@pytest.mark.parametrize("ending", [signal.SIGTERM, None])
def test_a_program_that_ends_has_written_its_calls(start, ending):
    program = start("-m", SCRIPT, "1200", "0" if ending is None else "60")
    assert program.stdout.readline() == b"noted\n"
    if ending:
        program.send_signal(ending)

    assert program.wait(10) == (143 if ending else 0)
    assert written("script") == 1200


def test_a_killed_program_loses_at_most_the_last_second(start):
    program = start("-m", SCRIPT, "1200", "60")
    assert program.stdout.readline() == b"noted\n"
    noted_at = time.monotonic()
    assert wait_until(lambda: written("script") == 1200, 1.0)
    waited = time.monotonic() - noted_at

    program.kill()

    assert program.wait(10) == -signal.SIGKILL
    assert written("script") == 1200
    assert waited < 1.0


def test_a_server_that_is_told_to_end_loses_nothing(start):
    port = free_port()
    server = start(
        *("-m", "granian", "--interface", "wsgi", "--workers", "1", "--no-ws"),
        *("--blocking-threads", "1", "--port", str(port), "--no-log"),
        *("--workers-kill-timeout", "5"),
        "tests.integrations.audit.calling:application",
    )
    wait_up(port)
    mark = uuid4().hex
    for _ in range(20):
        assert b"200" in ask(port, mark)

    server.terminate()  # while most of it waits

    server.wait(20)
    assert written(mark) == 20 * CALLS_PER_REQUEST
