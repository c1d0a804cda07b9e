"""The form of tokens."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.oauth.formats import Prefix, derive, digest, generate, is_wellformed


@pytest.mark.parametrize("prefix", Prefix)
def test_a_token_has_a_prefix_and_is_wellformed(prefix):
    token = generate(prefix)

    assert re.fullmatch(rf"{prefix}[0-9A-Za-z]{{46}}", token)
    assert is_wellformed(prefix, token)
    assert not any(is_wellformed(other, token) for other in Prefix if other != prefix)


@given(st.integers(0, 49), st.sampled_from("0AZaz_-. \n"))
def test_one_wrong_character_is_found_without_a_database(position, wrong):
    token = generate(Prefix.ACCESS)
    changed = token[:position] + wrong + token[position + 1 :]

    assert is_wellformed(Prefix.ACCESS, changed) == (changed == token)


def test_nothing_may_follow():
    token = generate(Prefix.ACCESS)

    assert not any(
        is_wellformed(Prefix.ACCESS, token + tail) for tail in ("\n", " ", "\0", "x")
    )


def test_what_follows_from_a_token_is_always_the_same():
    token = generate(Prefix.REFRESH)

    follows = derive(Prefix.REFRESH, b"key", token)

    assert follows == derive(Prefix.REFRESH, b"key", token) != token
    assert is_wellformed(Prefix.REFRESH, follows)
    assert follows != derive(Prefix.REFRESH, b"other key", token)


def test_no_two_tokens_are_alike():
    assert len({generate(Prefix.CODE) for _ in range(1000)}) == 1000
    assert len(digest("x")) == 64
