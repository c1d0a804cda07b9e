"""Trees that are given as lists."""

from dataclasses import dataclass
from uuid import UUID

from employees.tree import descendants, in_order


@dataclass
class Node:
    number: int
    above: int | None = None

    @property
    def pk(self) -> UUID:
        return UUID(int=self.number)

    @property
    def parent_id(self) -> UUID | None:
        return None if self.above is None else UUID(int=self.above)


FOREST = [Node(4, 3), Node(1), Node(2, 1), Node(3, 1), Node(5)]


def test_each_node_follows_its_parent_with_its_depth():
    assert [(node.number, depth) for node, depth in in_order(FOREST)] == [
        (1, 0),
        (2, 1),
        (3, 1),
        (4, 2),
        (5, 0),
    ]


def test_descendants_are_the_node_and_all_below():
    assert [pk.int for pk in descendants(FOREST, UUID(int=1))] == [1, 2, 3, 4]
    assert [pk.int for pk in descendants(FOREST, str(UUID(int=4)))] == [4]
