from pathlib import Path

import pytest

from employees.importing.headers import HEADERS, Field
from employees.importing.values import GENDER_WORDS, STATUS_WORDS, TYPE_WORDS

DOCUMENT = Path(__file__).parents[3] / "docs" / "import.md"


@pytest.mark.parametrize("field", HEADERS, ids=lambda field: field.value)
def test_every_header_is_documented_in_its_order(field: Field):
    assert ", ".join(HEADERS[field]) in DOCUMENT.read_text()


@pytest.mark.parametrize(
    "words", [STATUS_WORDS, TYPE_WORDS, GENDER_WORDS], ids=["status", "type", "gender"]
)
def test_the_words_of_values_are_documented(words):
    text = DOCUMENT.read_text().casefold()
    plain = text.replace("-", "").replace(" ", "").replace("\n", "")

    assert [word for word in words if len(word) > 1 and word not in plain] == []
