"""How the API reads and writes HTTP: JSON and entity tags.

REST framework imports this while it loads, so nothing here imports its views.
"""

import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as BrokenRule
from django.db import DataError, IntegrityError
from django.db.models import ProtectedError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, parsers, renderers
from rest_framework.request import Request

from organizations.json_bodies import read_json

#: What :mod:`organizations.problems` answers; all else is our fault and unexpected.
TOLD_ERRORS: tuple[type[Exception], ...] = (
    exceptions.APIException,
    BrokenRule,
    ProtectedError,
    IntegrityError,
    DataError,
    SuspiciousOperation,
    BadRequest,
    Http404,
    PermissionDenied,
)

#: Given to orjson by everything that writes JSON for integrators, events included.
JSON_OPTIONS = orjson.OPT_UTC_Z


class JSONRenderer(renderers.BaseRenderer):
    """JSON by orjson, as events write it: moments in UTC with a Z."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        options = JSON_OPTIONS
        if (renderer_context or {}).get("indent"):
            options |= orjson.OPT_INDENT_2
        return orjson.dumps(data, default=str, option=options)


def dumped(data: Any) -> bytes:
    """Return data as JSON, as :class:`JSONRenderer` writes it."""
    return orjson.dumps(data, default=str, option=JSON_OPTIONS)


class BrowsableAPIRenderer(renderers.BrowsableAPIRenderer):
    """The API as pages to read and to try; bodies are typed as JSON."""

    def get_rendered_html_form(
        self, data: Any, view: Any, method: str, request: Request
    ) -> Any:
        """Draw no forms: their lists of choices would be read anew for each page."""
        if method in ("DELETE", "OPTIONS"):
            return super().get_rendered_html_form(data, view, method, request)
        return None


class JSONParser(parsers.BaseParser):
    """JSON in UTF-8, as :mod:`organizations.json_bodies` reads it."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what the body says.

        Raises:
            ParseError, MalformedBody: when it is no JSON, or ambiguous.
            UnsupportedMediaType: for a charset other than UTF-8, or a compressed body.
            RequestDataTooBig: above ``DATA_UPLOAD_MAX_MEMORY_SIZE``.
        """
        assert parser_context is not None
        request = parser_context["request"]._request
        charset = request.content_params.get("charset", "utf-8")
        encoding = request.headers.get("Content-Encoding", "identity")
        if charset.lower() not in {"utf-8", "utf8"} or encoding.lower() != "identity":
            raise exceptions.UnsupportedMediaType(f"{media_type} {encoding}")
        # Django's body, unlike the stream, is read up to a limit.
        return read_json(request.body)


# --- Entity tags ----------------------------------------------------------------------


class PreconditionFailed(exceptions.APIException):
    """``If-Match`` names another version than the present one."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    default_code = "precondition_failed"

    def __init__(self, present: str) -> None:
        super().__init__(
            _("The record has changed: its entity tag is %(tag)s now.")
            % {"tag": present}
        )


#: A version, and perhaps the variant in which it is shown.
VERSION_TAG = re.compile(r'"(\d+)(?:-[^"]*)?"')


def entity_tag(version: int, variant: str = "") -> str:
    """Return the entity tag of a record's version, as one variant shows it."""
    return f'"{version}-{variant}"' if variant else f'"{version}"'


def content_tag(body: bytes) -> str:
    """Return an entity tag that no other content has."""
    return f'"c{hashlib.sha256(body).hexdigest()[:24]}"'


def is_held(header: str, tag: str) -> bool:
    """Say whether ``If-None-Match`` names a tag (weakly, RFC 9110, section 13.1.2)."""
    return header.strip() == "*" or tag in _tags(header)


def names_version(header: str, version: int) -> bool:
    """Say whether an ``If-Match`` header names this version, in whatever variant."""
    named = [VERSION_TAG.fullmatch(tag) for tag in _tags(header)]
    return header.strip() == "*" or any(
        found is not None and found[1] == str(version) for found in named
    )


def _tags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]


def check_version(request: Request, version: int) -> None:
    """Refuse a write that was meant for another version.

    Raises:
        PreconditionFailed: when ``If-Match`` is given and does not name ``version``.
    """
    header = request.headers.get("If-Match")
    if header is not None and not names_version(header, version):
        raise PreconditionFailed(entity_tag(version))
