"""The id of a request, said in its answer, in problem documents and in every log.

It is a context variable, so that whatever runs for the request finds it.
"""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase
from uuid_utils.compat import uuid7

REQUEST_ID_HEADER = "X-Request-ID"

#: What a caller may choose as an id; anything else is replaced by one of ours.
ACCEPTABLE = re.compile(r"[A-Za-z0-9_.:-]{8,64}\Z")

_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Return the id of the running request, or an empty text outside of one."""
    return _current.get()


class RequestIdMiddleware:
    """Give each request an id: the caller's own where it is a decent one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        named = request.headers.get(REQUEST_ID_HEADER, "")
        chosen = named if ACCEPTABLE.match(named) else uuid7().hex
        token = _current.set(chosen)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response.headers[REQUEST_ID_HEADER] = chosen
        return response


class RoutesForAddresses(logging.Filter):
    """Let a log say which route a request took, never its address.

    An address may hold what is secret: the link of a new password, or a key that was
    put into the wrong place.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the address; let every record pass."""
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            found = request.resolver_match if request else None
            route = f"/{found.route}" if found else "no address of ours"
            record.args = tuple(route if arg == path else arg for arg in record.args)
        return True
