"""From a query to rows as a caller sees them, for lists, details and expansions."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol
from uuid import UUID

from django.db.models import QuerySet

from organizations.classes import PUBLIC, FieldClass
from organizations.reading.plans import Model, Row, Values, names_of, plan_of
from organizations.reading.selection import Selection

Complete = Callable[[list[Row]], list[Row]]


class Sight(Protocol):
    """Which classes of fields a caller sees of the rows of a model."""

    @property
    def widest(self) -> frozenset[FieldClass]:
        """What is seen of any row."""

    @property
    def is_same_for_all(self) -> bool:
        """Whether that is seen of every row."""

    def of(self, record_id: UUID) -> frozenset[FieldClass]:
        """Return what is seen of one row."""


class Alike:
    """The same is seen of every row."""

    is_same_for_all = True

    def __init__(self, classes: Iterable[FieldClass]) -> None:
        self.widest = frozenset(classes)

    def of(self, record_id: UUID) -> frozenset[FieldClass]:
        return self.widest


COLLEAGUE = Alike((PUBLIC,))


class Reader(Protocol):
    """Runs a query and shows what it read."""

    def read(self, queryset: QuerySet[Any]) -> Sequence[Any]:
        """Return rows as they come."""

    def values(self, row: Any, names: Iterable[str]) -> tuple[Any, ...]:
        """Return what a row holds, whether it is shown or not."""

    def show(self, rows: Sequence[Any]) -> list[Row]:
        """Return rows as the caller sees them."""


class PlanReader:
    """Reads plain values: of the chosen fields, those that the caller may see.

    ``hidden`` names what is read besides. ``extra`` names what a view adds to its rows
    by ``complete``, which finds the ``id`` in each.
    """

    def __init__(
        self,
        model: Model,
        sight: Sight,
        selection: Selection,
        *,
        hidden: Iterable[str] = (),
        extra: Sequence[str] = (),
        complete: Complete | None = None,
    ) -> None:
        self._model = model
        self._sight = sight
        self._selection = selection
        self._complete = complete if selection.taken(extra) else None
        self._taken = selection.taken(names_of(model, sight.widest))
        self._dropped: frozenset[str] = frozenset()
        if self._complete:
            self._dropped = frozenset({"id", *extra}) - {
                *self._taken,
                *selection.taken(extra),
            }
        names = ("id",) if "id" in self._dropped else ()
        self.plan = plan_of(
            model,
            (*names, *self._taken),
            tuple(hidden) if sight.is_same_for_all else (*hidden, "id"),
        )
        self.read = self.plan.read
        self.values = self.plan.values

    def show(self, rows: Sequence[Values]) -> list[Row]:
        """Return rows as the caller sees them."""
        shown = self.plan.show(rows)
        if not self._sight.is_same_for_all:
            shown = [
                self._seen(values, row) for values, row in zip(rows, shown, strict=True)
            ]
        if self._complete is None:
            return shown
        return [
            {name: value for name, value in row.items() if name not in self._dropped}
            for row in self._complete(shown)
        ]

    def _seen(self, values: Values, row: Row) -> Row:
        (key,) = self.plan.values(values, ("id",))
        seen = names_of(self._model, self._sight.of(UUID(key)))
        return {name: row[name] for name in self._selection.taken(seen)}


class RecordReader:
    """Reads records, for views that show more of them than their columns."""

    def __init__(self, show: Complete, selection: Selection) -> None:
        self._show = show
        self._selection = selection

    def read(self, queryset: QuerySet[Any]) -> Sequence[Any]:
        """Return the records."""
        return list(queryset)

    def values(self, row: Any, names: Iterable[str]) -> tuple[Any, ...]:
        """Return attributes of a record."""
        return tuple(getattr(row, name) for name in names)

    def show(self, rows: Sequence[Any]) -> list[Row]:
        """Return records as the caller sees them."""
        return [picked(row, self._selection) for row in self._show(list(rows))]


def picked(row: Row, selection: Selection) -> Row:
    """Return of a row what was chosen."""
    if selection.fields is None:
        return row
    return {name: row[name] for name in selection.taken(row)}
