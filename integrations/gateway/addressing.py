"""What an address of the API may look like, before anybody looks where it leads.

Servers and proxies disagree about parameters that come twice, about NUL, and about what
is no UTF-8. Such requests are refused wholly, naming the parameter.
"""

from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from organizations.json_bodies import told_of_query

#: Of path and query together, as they are sent.
MOST_BYTES = 8000
MOST_PARAMETERS = 50

#: What any address that shows one record takes; lists look after their own.
KNOWN_EVERYWHERE = frozenset({"format"})
KNOWN_OF_READING = KNOWN_EVERYWHERE | {"fields", "expand"}


class AddressTooLong(exceptions.APIException):
    """Path and query are longer than any that we would write."""

    status_code = HTTPStatus.REQUEST_URI_TOO_LONG
    default_code = "uri_too_long"

    def __init__(self) -> None:
        super().__init__(
            _("Path and query are longer than %(most)d bytes.") % {"most": MOST_BYTES}
        )


class MalformedAddress(exceptions.APIException):
    """An address that others may read differently; says which parameter it is."""

    status_code = HTTPStatus.BAD_REQUEST
    default_code = "invalid"

    def __init__(self, parameter: str | None, code: str, message: str) -> None:
        super().__init__(f"{parameter}: {message}" if parameter else message)
        self.problem_errors = (told_of_query(parameter, code, message),)


def refuse_malformed(request: HttpRequest) -> None:
    """Look at path and query as they came.

    Raises:
        AddressTooLong: above 8,000 bytes.
        MalformedAddress: for NUL, for what is no UTF-8, for parameters that come twice
            or are more than 50.
    """
    query = request.META.get("QUERY_STRING", "")
    if len(request.path) + len(query) > MOST_BYTES:
        raise AddressTooLong
    if "\0" in request.path_info:  # what is no UTF-8 in it leads nowhere: 404
        raise MalformedAddress(None, "not_utf8", _("The path holds NUL."))
    if not query:
        return
    parts = [part for part in query.split("&") if part]
    if len(parts) > MOST_PARAMETERS:
        raise MalformedAddress(
            None,
            "too_many",
            _("At most %(most)d parameters.") % {"most": MOST_PARAMETERS},
        )
    seen: set[str] = set()
    for part in parts:
        name, value = (_text(_decoded(half)) for half in _halves(part))
        if name is None or value is None:
            raise MalformedAddress(
                name, "not_utf8", _("This is no text in UTF-8, or holds NUL.")
            )
        if name in seen:
            raise MalformedAddress(name, "doubled", _("This parameter is there twice."))
        seen.add(name)


def refuse_unknown_parameters(request: Request, view: Any) -> None:
    """Refuse parameters that change nothing: a misspelt one must not be passed over.

    A view names those that it takes beyond the usual ones in ``query_parameters``.

    Raises:
        MalformedAddress: naming the first.
    """
    if not request.META.get("QUERY_STRING") or getattr(view, "action", "") == "list":
        return
    usual = KNOWN_OF_READING if request.method in SAFE_METHODS else KNOWN_EVERYWHERE
    known = usual.union(getattr(view, "query_parameters", ()))
    for name in request.query_params:
        if name not in known:
            raise MalformedAddress(name, "unknown", _("There is no such parameter."))


def _halves(part: str) -> tuple[str, str]:
    name, _equals, value = part.partition("=")
    return name, value


def _decoded(half: str) -> bytes:
    return unquote_to_bytes(half.replace("+", " ").encode("latin-1", "replace"))


def _text(content: bytes) -> str | None:
    """Return bytes as text; None for what is no UTF-8, or holds NUL."""
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
