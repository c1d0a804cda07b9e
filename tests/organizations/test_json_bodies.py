"""Bodies that two readers could read differently are refused, saying where."""

from typing import Any

import pytest
from rest_framework.exceptions import ParseError

from organizations.json_bodies import MAX_DEPTH, MalformedBody, pointer, read_json
from organizations.roles import Role
from tests.api import api_client

DEPARTMENTS = "/api/v1/departments/"


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        (b'{"name": "a", "name": "b"}', "/name", "doubled"),
        (b'{"x": [{"a": 1, "\\u0061": 2}]}', "/x/0/a", "doubled"),
        (b'{"a": {"b/c": "x\\u0000"}}', "/a/b~1c", "null_characters_not_allowed"),
        (b'{"a\\u0000": 1}', "", "null_characters_not_allowed"),
        (b"[1, 18446744073709551616]", "/1", "too_large"),
        (b"[-9223372036854775809]", "/0", "too_large"),
        (b"[" * 33 + b"]" * 33, "/0" * 32, "too_deep"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "/a" * 32, "too_deep"),
    ],
)
def test_what_is_ambiguous_is_refused(body: bytes, where: str, code: str) -> None:
    with pytest.raises(MalformedBody) as refused:
        read_json(body)

    [error] = refused.value.problem_errors
    assert (error["pointer"], error["code"]) == (where, code)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, None),
        (b'{"a": "b\\": {", "c": "{[0]}"}', {"a": 'b": {', "c": "{[0]}"}),
        (b'{"a": {"a": 1}, "b": [{"a": 2}, {"a": 3}]}', None),
        (b'"12345678901234567890123"', "12345678901234567890123"),
        (b"18446744073709551615", 2**64 - 1),
        (b'{"a": "\\\\u0000"}', {"a": "\\u0000"}),
        (b'{"": ""}', {"": ""}),
        (b"0.1234567890123456789012", None),
    ],
)
def test_what_only_looks_so_is_taken(body: bytes, value: Any) -> None:
    read = read_json(body)

    assert value is None or read == value


@pytest.mark.parametrize(
    "body",
    [b"1e999", b"NaN", b"Infinity", b"\xef\xbb\xbf{}", b"[" * 5000, b"'a'", b"\xff"],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        read_json(body)


def test_a_pointer_escapes_its_separators() -> None:
    assert pointer(("a/b", 0, "c~d")) == "/a~1b/0/c~0d"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ({}, "application/json; charset=latin-1"),
        ({}, "application/json; charset=utf-16"),
        ({"Content-Encoding": "gzip"}, "application/json"),
        ({}, "text/plain"),
    ],
)
def test_another_encoding_is_refused(
    headers: dict[str, str], content_type: str
) -> None:
    response = api_client(Role.HR).generic(
        "POST", DEPARTMENTS, b'{"name": "x"}', content_type, headers=headers
    )

    assert response.status_code == 415
    assert response.json()["type"].endswith("/problems/unsupported_media_type/")


@pytest.mark.django_db
def test_a_nested_error_carries_its_pointer() -> None:
    client = api_client(Role.OWNER)

    response = client.send("POST", DEPARTMENTS, {"name": "x", "parent": [1]})

    assert response.json()["errors"][0]["pointer"] == "/parent"
    response = client.send("POST", DEPARTMENTS, {"name": "a\0b"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/name"


@pytest.mark.django_db
def test_an_error_of_the_query_names_its_parameter() -> None:
    response = api_client(Role.OWNER).get(f"{DEPARTMENTS}?colour=red")

    assert response.json()["errors"] == [
        {
            "field": "colour",
            "parameter": "colour",
            "code": "unknown",
            "message": "There is no such parameter.",
        }
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]
)
def test_headers_that_override_the_method_are_ignored(header: str) -> None:
    client = api_client(Role.OWNER)

    response = client.generic(
        "POST", DEPARTMENTS, b"{}", "application/json", headers={header: "GET"}
    )

    assert response.status_code == 400
