"""Headers as strangers' parsers read them, and the answer 429."""

import datetime as dt

from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.request import Request

from integrations.rate_limits.headers import (
    QUOTA_EXCEEDED,
    QuotaExceeded,
    limit_headers,
    write_headers,
)
from integrations.rate_limits.stores.memory import MemoryStore
from integrations.rate_limits.terms import Algorithm, Layer, LayerState, Policy
from organizations.problems import problem_details
from tests.integrations.rate_limits.foreign import parse_fields, parse_older

KEY = Policy("key", 1000, 3600)
BURST = Policy("key-burst", 600, 60, Algorithm.BURST)


def test_headers_are_those_of_the_draft_word_by_word():
    headers = limit_headers([LayerState(KEY, 0, 21)])

    assert headers["RateLimit-Policy"] == '"key";q=1000;w=3600'
    assert headers["RateLimit"] == '"key";r=0;t=21'


states = st.builds(
    LayerState,
    st.builds(
        Policy,
        st.from_regex(r"[a-z][a-z-]{0,15}", fullmatch=True),
        st.integers(1, 1_000_000),
        st.integers(1, 86_400),
        st.sampled_from([Algorithm.WINDOW, Algorithm.BURST]),
    ),
    st.integers(0, 1_000_000),
    st.integers(0, 200_000),
)


@given(st.lists(states, min_size=1, max_size=6))
@hypothesis_settings(max_examples=50, deadline=None)
def test_a_parser_of_structured_fields_reads_them_back(states):
    headers = limit_headers(states)

    assert parse_fields(headers["RateLimit-Policy"]) == [
        (s.policy.name, {"q": s.policy.quota, "w": s.policy.window_seconds})
        for s in states
    ]
    assert parse_fields(headers["RateLimit"]) == [
        (s.policy.name, {"r": s.remaining, "t": s.reset_seconds}) for s in states
    ]


def test_a_parser_of_older_headers_reads_the_tightest():
    response = HttpResponse()
    write_headers(response, [LayerState(KEY, 900, 60), LayerState(BURST, 3, 5)])
    older = {k: v for k, v in response.headers.items() if k.startswith("X-RateLimit")}

    parsed = parse_older(older)

    assert (parsed["limit"], parsed["remaining"], parsed["used"]) == (150, 3, 147)
    reset_at = dt.datetime.fromisoformat(parsed["reset"])
    seconds = (reset_at - dt.datetime.now(dt.UTC)).total_seconds()
    assert 0 <= seconds <= 6


def test_no_layer_means_no_header():
    response = HttpResponse()
    write_headers(response, [])

    assert list(response.headers) == ["Content-Type"]


def refused(layers):
    store = MemoryStore()
    while (verdict := store.take(layers)).is_allowed:
        pass
    return verdict


def test_a_refusal_is_the_problem_of_the_draft():
    tight = Layer(Policy("endpoint", 1, 60, Algorithm.LOG), "a")
    verdict = refused([Layer(KEY, "a"), tight])
    request = Request(RequestFactory().get("/api/v1/employees/"))

    response = problem_details(QuotaExceeded(verdict), {"request": request})

    assert response.status_code == 429
    assert response.data["type"] == QUOTA_EXCEEDED
    assert response.data["title"] == "Quota exceeded"
    assert response.data["violated-policies"] == ["endpoint"]
    assert response.data["instance"] == "/api/v1/employees/"
    limits = dict(parse_fields(QuotaExceeded(verdict).headers["RateLimit"]))
    assert int(response["Retry-After"]) >= limits["endpoint"]["t"] > 0
    assert limits["key"] == {"r": 999, "t": limits["key"]["t"]}


def test_several_refusals_wait_for_the_longest():
    layers = [
        Layer(Policy("short", 1, 10, Algorithm.LOG), "a"),
        Layer(Policy("long", 1, 100, Algorithm.LOG), "a"),
    ]

    error = QuotaExceeded(refused(layers))

    assert error.problem_members["violated-policies"] == ["short", "long"]
    assert 99 <= error.wait <= 100
