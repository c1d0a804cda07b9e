"""Trees of records that point to their parent; they take lists and know no database."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar
from uuid import UUID


class Node(Protocol):
    """A record with a parent."""

    @property
    def pk(self) -> UUID: ...
    @property
    def parent_id(self) -> UUID | None: ...


N = TypeVar("N", bound=Node)


def in_order(nodes: Sequence[N]) -> Iterator[tuple[N, int]]:
    """Yield each node after its parent, with its depth; siblings keep their order."""
    children = _children(nodes)
    yield from _below(children, None, 0)


def _below(
    children: dict[UUID | None, list[N]], parent_id: UUID | None, depth: int
) -> Iterator[tuple[N, int]]:
    for node in children[parent_id]:
        yield node, depth
        yield from _below(children, node.pk, depth + 1)


def descendants(nodes: Iterable[N], root_id: UUID | str) -> list[UUID]:
    """Return the ids of a node and of all below it."""
    children = _children(nodes)
    root = UUID(str(root_id))
    return [root, *(node.pk for node, _depth in _below(children, root, 0))]


def _children(nodes: Iterable[N]) -> dict[UUID | None, list[N]]:
    children: dict[UUID | None, list[N]] = defaultdict(list)
    for node in nodes:
        children[node.parent_id].append(node)
    return children
