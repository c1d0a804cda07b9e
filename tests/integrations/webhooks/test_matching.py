import pytest

from integrations.webhooks.matching import patterns_matching, unknown_patterns

TYPES = ["employee.created", "employee.updated", "department.created"]


def test_a_type_is_asked_for_by_its_name_its_noun_and_everything():
    assert patterns_matching("employee.updated") == [
        "employee.updated",
        "employee.*",
        "*",
    ]


@pytest.mark.parametrize(
    ("pattern", "unknown"),
    [
        ("*", []),
        ("employee.*", []),
        ("employee.created", []),
        ("employee.hugged", ["employee.hugged"]),
        ("cat.*", ["cat.*"]),
        ("employee*", ["employee*"]),
        ("*.created", ["*.created"]),
        ("", [""]),
    ],
)
def test_names_the_patterns_that_can_match_nothing(pattern, unknown):
    assert unknown_patterns([pattern], TYPES) == unknown
