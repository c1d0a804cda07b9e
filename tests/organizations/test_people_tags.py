"""Small words and marks for people."""

import pytest

from organizations.templatetags.people import browser, initials, tone

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18 Safari/604.1"
EDGE = "Mozilla/5.0 (Macintosh; Mac OS X) Chrome/140.0 Safari/537.36 Edg/140.0"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Amara Okafor", "AO"),
        ("Noor van Dijk", "ND"),
        ("åsa lindqvist", "ÅL"),
        ("Cher", "C"),
        ("(Bob) Smith", "S"),
        ("owner@example.com", "O"),
        ("", "?"),
    ],
)
def test_initials_are_of_the_first_and_the_last_word(name, letters):
    assert initials(name) == letters


def test_tones_tell_people_apart_and_stay():
    names = [f"Person {number}" for number in range(100)]

    assert {tone(name) for name in names} == {f"tone-{number}" for number in range(8)}
    assert [tone(name) for name in names] == [tone(name) for name in names]


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox · Windows"),
        (SAFARI, "Safari · iPhone"),
        (EDGE, "Edge · macOS"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "?"),
    ],
)
def test_browsers_are_named_as_people_know_them(user_agent, words):
    assert browser(user_agent) == words
