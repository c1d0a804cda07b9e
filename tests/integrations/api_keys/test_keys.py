"""The format of keys: what is made is read, and nothing else is."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.api_keys import keys
from integrations.api_keys.keys import Environment, MalformedKey, generate, parse

ALPHABETS = st.sampled_from([string.ascii_letters + string.digits, string.printable])
#: A key that was never given out.
KEY = "phr_live_tHt7I8cdpZ3I_" + "a" * 32
KEY += keys.checksum(KEY)


@given(st.sampled_from(Environment))
def test_what_is_made_is_read(environment):
    made = generate(environment)

    assert parse(made.text) == made
    assert len(made.text) == 60
    assert made.text.startswith(made.public_part + "_")
    assert made.text not in repr(made)


@given(
    st.integers(0, 59),
    st.characters(codec="utf-8"),
)
def test_one_wrong_character_is_always_found(place, character):
    text = KEY[:place] + character + KEY[place + 1 :]
    if text == KEY:
        return
    with pytest.raises(MalformedKey):
        parse(text)


@given(st.text(max_size=200))
def test_other_text_is_no_key(text):
    with pytest.raises(MalformedKey):
        parse(text)


@given(st.text(min_size=1, max_size=5), st.booleans())
def test_nothing_may_stand_around_a_key(around, is_before):
    with pytest.raises(MalformedKey):
        parse(around + KEY if is_before else KEY + around)


def test_keys_are_never_made_twice():
    made = {generate(Environment.LIVE).text for _number in range(2000)}
    assert len(made) == 2000


def test_checksum_is_crc32_in_base62():
    # zlib.crc32(b"123456789") is 0xCBF43926, the check value of ISO 3309.
    number = 0
    for digit in keys.checksum("123456789"):
        number = number * 62 + keys.ALPHABET.index(digit)
    assert number == 0xCBF43926


def test_every_part_of_a_long_key_counts_in_its_hash():
    hashed = keys.hash_key("x" * 100 + "a", 4)

    assert keys.matches("x" * 100 + "a", hashed)
    assert not keys.matches("x" * 100 + "b", hashed)


@pytest.mark.parametrize("broken", ["", "no hash", "$2b$04$", "$2b$99$" + "a" * 53])
def test_broken_hash_matches_nothing(broken):
    assert not keys.matches(KEY, broken)
