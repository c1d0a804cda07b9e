"""The id of a request, said in its answer, in problem documents and in every log.

It is a context variable, so that whatever runs for the request finds it.
"""

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
