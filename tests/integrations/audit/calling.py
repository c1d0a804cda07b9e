"""Programs that call and end: a WSGI application, and a script of one process.

Run by tests under a real server, with the test's database in the environment.
"""

import datetime as dt
import os
import sys
import time
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "people_hr.settings")
if __name__ == "__main__" or "granian" in " ".join(sys.argv):
    django.setup()

from integrations.audit.calls import ApiCall, note_call

#: How many calls each request of the application stands for.
CALLS_PER_REQUEST = 700


def a_call(**changes: Any) -> ApiCall:
    """Return a call; ``changes`` say what is special about it."""
    usual: dict[str, Any] = {
        "occurred_at": dt.datetime.now(dt.UTC),
        "organization_id": UUID("01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"),
        "actor_type": "user",
        "actor_id": "01963a5e-7c2e-7d4a-9a5e-000000000001",
        "credential_kind": "token",
        "credential_id": "01963a5e-7c2e-7d4a-9a5e-000000000002",
        "method": "GET",
        "route": "/api/v1/employees/",
        "status": 200,
        "address": "203.0.113.7",
        "agent": "curl/8.5.0",
        "duration_us": 1500,
        "bytes_in": 0,
        "bytes_out": 2048,
        "request_id": "0123456789abcdef",
    }
    return ApiCall(**usual | changes)


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Note many calls and answer at once, while they are still to be written."""
    mark = environ["PATH_INFO"].strip("/")
    for _ in range(CALLS_PER_REQUEST):
        note_call(a_call(request_id=mark))
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


if __name__ == "__main__":
    for _ in range(int(sys.argv[1])):
        note_call(a_call(request_id="script"))
    sys.stdout.write("noted\n")
    sys.stdout.flush()
    time.sleep(float(sys.argv[2]))
