import pytest
from hypothesis import given
from hypothesis import strategies as st

from employees.importing.people import Calling, People, find_circles, split_name


@pytest.fixture
def people() -> People[int]:
    people = People[int]()
    miriam = Calling(
        number="E-7",
        work_email="Miriam.Okafor@example.com",
        first_names=("Miriam", "Mimi", "Miriam Ada", ""),
        last_name="Okafor",
    )
    people.add(1, miriam)
    people.add(2, Calling(number="8", first_names=("Ana",), last_name="da Silva"))
    people.add(3, Calling(number="9", first_names=("Ana",), last_name="da Silva"))
    people.add(4, Calling("", "zoe@example.com", ("Zoë",), "Li"))
    return people


@pytest.mark.parametrize(
    "reference",
    [
        "E-7",
        "e-7",
        "miriam.okafor@EXAMPLE.com",
        "Miriam Okafor",
        "miriam  OKAFOR",
        "Okafor, Miriam",
        "Okafor,Mimi",
        "Mimi Okafor",
        "Miriam Ada Okafor",
        "Miriam Okafor (E-7)",
        "Somebody Else (E-7)",
        "Miriam Okafor (unknown)",
    ],
)
def test_a_person_is_found_by_everything_they_are_called(people, reference):
    assert people.find(reference) == 1


def test_a_composed_and_a_decomposed_letter_are_the_same(people):
    assert people.find("Zoe\u0308 Li") == 4


def test_several_people_of_one_name_are_told_apart_by_the_reader(people):
    with pytest.raises(ValueError, match=r"may be 2 people \(8, 9\)"):
        people.find("Ana da Silva")


def test_nobody_found_is_told(people):
    with pytest.raises(ValueError, match="“Nemo” is nobody's"):
        people.find("Nemo")


def test_what_is_known_first_keeps_its_number(people):
    people.add(5, Calling(number="8"))

    assert people.find("8") == 2


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ada Lovelace", ("Ada", "Lovelace")),
        ("Lovelace, Ada", ("Ada", "Lovelace")),
        ("da Silva, Ana  Maria", ("Ana Maria", "da Silva")),
        ("Ana Maria Silva", ("Ana Maria", "Silva")),
    ],
)
def test_a_full_name_is_split(name, parts):
    assert split_name(name) == parts


@pytest.mark.parametrize("name", ["Ada", "Ada,", ", Ada", ""])
def test_one_word_is_no_full_name(name):
    with pytest.raises(ValueError, match="not a first and a last name"):
        split_name(name)


def test_circles_are_found_once_and_in_order():
    managers = {1: 2, 2: 3, 3: 1, 4: 1, 5: 5, 6: None, 7: 6}

    assert find_circles(managers) == [[1, 2, 3], [5]]


@given(st.dictionaries(st.integers(0, 8), st.none() | st.integers(0, 8)))
def test_who_is_in_a_circle_comes_back_to_themselves(managers):
    def returns(start: int) -> bool:
        person = managers.get(start)
        for _step in managers:
            if person is None or person == start:
                break
            person = managers.get(person)
        return person is not None and person == start

    circled = sorted(person for circle in find_circles(managers) for person in circle)

    assert circled == [person for person in sorted(managers) if returns(person)]
