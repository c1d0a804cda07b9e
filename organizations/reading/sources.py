"""Where a page's rows come from: a query of Django's, or one that is written out.

Most lists ask for an organization's rows in their usual order and nothing else. Django
takes longer to put that statement together than PostgreSQL to answer it, so it is put
together once. Whatever narrows further (filters, search, a key's reach, a view's own
query) goes Django's way; both ways lead to the same rows, which tests compare.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from typing import Any, Protocol
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from organizations.models import FencedManager, Organization
from organizations.reading.plans import Model, Plan, Values, fetched
from organizations.reading.readers import PlanReader, Reader


class Source(Protocol):
    """Rows in an order, of which a page is cut."""

    order: tuple[str, ...]

    def read(
        self, reader: Reader, limit: int, after: Sequence[Any], *, is_backward: bool
    ) -> Sequence[Any]:
        """Return so many rows beyond the values of a place, from the start if none.

        Raises:
            ValidationError, ValueError, TypeError, FieldError: for values that are none
                of the order.
        """


class QuerySource:
    """The rows of a queryset."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self._queryset = queryset
        self.order = tuple(str(name) for name in queryset.query.order_by)

    def read(
        self, reader: Reader, limit: int, after: Sequence[Any], *, is_backward: bool
    ) -> Sequence[Any]:
        """Return rows; see :class:`Source`."""
        rows = self._queryset
        if is_backward:
            rows = rows.order_by(*map(turned, self.order))
        if after:
            rows = rows.filter(self._beyond(after, is_backward=is_backward))
        return reader.read(rows[:limit])

    def _beyond(self, after: Sequence[Any], *, is_backward: bool) -> Q:
        """Return ``a > x OR (a = x AND (b > y OR …))``, by each field's direction."""
        fields = [
            (
                name.removeprefix("-"),
                "lt" if name.startswith("-") != is_backward else "gt",
                value,
            )
            for name, value in zip(self.order, after, strict=True)
        ]

        def beyond(below: Q, field: tuple[str, str, Any]) -> Q:
            name, side, value = field
            here = Q(**{f"{name}__{side}": value})
            return here | (Q(**{name: value}) & below) if below else here

        # The same of the first field alone, which lets an index begin there.
        name, side, value = fields[0]
        start = Q(**{f"{name}__{side}e": value})
        return start & reduce(beyond, reversed(fields), Q())


class FencedSource:
    """All rows of an organization, in an order that goes one way."""

    def __init__(
        self, model: Model, organization: Organization, order: tuple[str, ...]
    ) -> None:
        self._model = model
        self._organization = organization
        self.order = order

    def read(
        self, reader: Reader, limit: int, after: Sequence[Any], *, is_backward: bool
    ) -> list[Values]:
        """Return rows; see :class:`Source`."""
        assert isinstance(reader, PlanReader)
        sql = _page(reader.plan, self.order, bool(after), is_backward)
        fields = (
            self._model._meta.get_field(name.removeprefix("-")) for name in self.order
        )
        values = [
            field.get_db_prep_value(value, connection)  # type: ignore[union-attr]
            for field, value in zip(fields, after, strict=False)
        ]
        return fetched(sql, [self._organization.pk, *values, limit], "default")

    def read_one(self, reader: Reader, key: str) -> list[Values]:
        """Return the row of an id, if there is one.

        Raises:
            ValueError: for what is no id.
        """
        assert isinstance(reader, PlanReader)
        return fetched(_one(reader.plan), [self._organization.pk, UUID(key)], "default")


def turned(name: str) -> str:
    """Return the other direction of a field of an order."""
    return name[1:] if name.startswith("-") else f"-{name}"


def goes_one_way(order: Iterable[str]) -> bool:
    """Say whether all fields of an order have one direction."""
    return len({name.startswith("-") for name in order}) == 1


@lru_cache(maxsize=1000)
def is_fenced_alone(model: Model) -> bool:
    """Say whether the model's manager adds nothing to the fence."""
    manager: Any = type(model._default_manager)
    return bool(manager.get_queryset is FencedManager.get_queryset)


@lru_cache(maxsize=1000)
def _page(plan: Plan, order: tuple[str, ...], is_after: bool, is_backward: bool) -> str:
    columns = [_column(plan, name.removeprefix("-")) for name in order]
    is_downward = order[0].startswith("-") != is_backward
    condition = ""
    if is_after:
        places = ", ".join(["%s"] * len(columns))
        side = "<" if is_downward else ">"
        condition = f" AND ({', '.join(columns)}) {side} ({places})"
    by = ", ".join(f"{name} {'DESC' if is_downward else 'ASC'}" for name in columns)
    return f"{_fenced(plan)}{condition} ORDER BY {by} LIMIT %s"


@lru_cache(maxsize=1000)
def _one(plan: Plan) -> str:
    return f"{_fenced(plan)} AND {_column(plan, 'id')} = %s"


def _fenced(plan: Plan) -> str:
    # Names of tables and columns are our own; values are parameters.
    return (
        f"SELECT {plan.columns.sql} FROM "  # noqa: S608
        f"{connection.ops.quote_name(plan.columns.table)} "
        f"WHERE {_column(plan, 'organization')} = %s"
    )


def _column(plan: Plan, name: str) -> str:
    field: Any = plan.model._meta.get_field(name)
    quote = connection.ops.quote_name
    return f"{quote(plan.columns.table)}.{quote(field.column)}"
