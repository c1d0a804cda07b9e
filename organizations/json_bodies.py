"""JSON as it comes: read by orjson, then looked at for what readers disagree about.

RFC 8259 leaves open what a doubled name means, and how large a number or how deep a
nesting a reader must bear. Two readers that differ are a hole, so these are refused;
so is NUL, which PostgreSQL stores in no text.
"""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import orjson
from django.utils.translation import gettext as _
from rest_framework import exceptions

MAX_DEPTH = 32

Path = tuple[str | int, ...]

STRING = re.compile(rb'"(?:[^"\\]|\\.)*"(\s*:)?')
#: Perhaps a whole number beyond 64 bits; it may stand in a string.
LONG_NUMBER = re.compile(rb"\d{19}")


class MalformedBody(exceptions.APIException):
    """JSON that means different things to different readers; says where."""

    status_code = HTTPStatus.BAD_REQUEST
    default_code = "invalid"

    def __init__(self, path: Path, code: str, message: str) -> None:
        super().__init__(message)
        self.problem_errors = (told(path, code, message),)


def pointer(path: Path) -> str:
    """Return a path as a JSON pointer (RFC 6901); the whole body is an empty one."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "".join(f"/{step}" for step in steps)


def told(path: Path, code: str | None, message: object) -> dict[str, Any]:
    """Return one error of a body as problem documents tell it."""
    return {
        "field": ".".join(map(str, path)) or None,
        "pointer": pointer(path),
        "code": code or "invalid",
        "message": str(message),
    }


def told_of_query(parameter: str | None, code: str, message: object) -> dict[str, Any]:
    """Return one error of a query as problem documents tell it."""
    return {
        "field": parameter,
        "parameter": parameter,
        "code": code,
        "message": str(message),
    }


class NoJson(exceptions.ParseError):
    """The body is no JSON, or none in UTF-8."""

    def __init__(self, reason: object) -> None:
        message = _("The body is not valid JSON: %(reason)s.") % {"reason": reason}
        super().__init__(message)
        self.problem_errors = (told((), "parse_error", message),)


class BadParameter(exceptions.ParseError):
    """A parameter that is none, such as a cursor of another list."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.problem_errors = (told_of_query(parameter, "invalid", message),)


def read_json(body: bytes) -> Any:
    """Return what a body says.

    Raises:
        ParseError: when it is no JSON, NaN and lone surrogates included.
        MalformedBody: for nesting beyond 32, a doubled name, NUL, or a whole number
            beyond 64 bits.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NoJson(error) from error
    names = sum(map(bool, STRING.findall(body)))
    if (
        _unmatched(value, names)
        or b"\\u0000" in body
        or LONG_NUMBER.search(body) is not None
    ):
        _refuse_ambiguous(body)
    return value


def _unmatched(value: Any, names: int) -> int:
    """Return how many of the names in the text are in no object: they were doubled.

    Raises:
        MalformedBody: for nesting beyond 32.
    """
    level, depth = [value], 0
    while level:
        objects = [each for each in level if type(each) is dict]
        names -= sum(map(len, objects))
        below = [inner for each in objects for inner in each.values()]
        below += [inner for each in level if type(each) is list for inner in each]
        level = [each for each in below if type(each) in (dict, list)]
        depth += bool(level)
        if depth >= MAX_DEPTH:
            raise MalformedBody(
                _deepest(value),
                "too_deep",
                _("The body is nested more than %(most)d deep.") % {"most": MAX_DEPTH},
            )
    return names


def _deepest(value: Any) -> Path:
    """Return a path to the first value that lies too deep."""
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        path, inner = waiting.pop()
        if len(path) >= MAX_DEPTH:
            return path
        if isinstance(inner, dict):
            waiting += [((*path, name), each) for name, each in inner.items()]
        elif isinstance(inner, list):
            waiting += [((*path, place), each) for place, each in enumerate(inner)]
    return ()


class _Pairs(list[tuple[str, Any]]):
    """An object as it stands in the text, doubled names included."""


def _refuse_ambiguous(body: bytes) -> None:
    for path, code, message in _ambiguities(json.loads(body, object_pairs_hook=_Pairs)):
        raise MalformedBody(path, code, message)


def _ambiguities(value: Any, path: Path = ()) -> Iterator[tuple[Path, str, str]]:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for name, inner in value:
            if name in seen:
                yield (*path, name), "doubled", _("This name is there twice.")
            seen.add(name)
            if "\0" in name:
                yield path, "null_characters_not_allowed", _("A name holds NUL.")
            yield from _ambiguities(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _ambiguities(inner, (*path, place))
    elif isinstance(value, str) and "\0" in value:
        yield path, "null_characters_not_allowed", _("NUL is not allowed.")
    elif type(value) is int and not -(2**63) <= value < 2**64:
        yield path, "too_large", _("This number is beyond 64 bits.")
