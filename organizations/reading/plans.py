"""Rows of the database as the API shows them, without making records of them.

What is read of a table is worked out once for each set of fields; a page then costs one
statement and a dictionary a row. Values stay as PostgreSQL writes them wherever that is
how JSON shows them: a UUID that nobody computes with is not made.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, JSONField, QuerySet, TextField
from psycopg import adapters
from psycopg.postgres import types
from psycopg.pq import Format

from organizations.classes import FieldClass
from organizations.models import OrganizationOwned

Row = dict[str, Any]
Model = type[OrganizationOwned]
#: A row as it was read: first what is shown, then what is read besides.
Values = tuple[Any, ...]


class _Record:
    """One row's values as attributes, for a record's computed fields to read."""


class Columns(Expression):
    """Several columns, written out once: Django would resolve each for every query."""

    output_field = TextField()

    def __init__(self, model: Model, names: Iterable[str]) -> None:
        super().__init__()
        quote = connections["default"].ops.quote_name
        self.table = model._meta.db_table
        fields: list[Any] = [model._meta.get_field(name) for name in names]
        self.sql = ", ".join(
            f"{quote(self.table)}.{quote(str(field.column))}" for field in fields
        )

    def as_sql(
        self, compiler: Any, connection: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        return self.sql, ()


class Plan:
    """What is read of a model's rows to show these fields, and how it is shown.

    Computed fields are properties of the model that read plain fields of their row;
    ``field_sources`` of the model says which, else all that are shown are read.
    """

    def __init__(self, model: Model, names: Sequence[str], hidden: Sequence[str]):
        self.model = model
        concrete = {field.name: field for field in model._meta.concrete_fields}
        plain = [name for name in names if name in concrete]
        self._computed: list[tuple[str, Callable[[Any], Any]]] = [
            (name, vars(model)[name].fget) for name in names if name not in concrete
        ]
        self._shown = tuple(names)
        besides = [
            source for name, _get in self._computed for source in self._sources(name)
        ]
        # ``employee_id`` is another name of ``employee``.
        hidden = [str(model._meta.get_field(name).name) for name in hidden]
        self._read = tuple(dict.fromkeys([*plain, *besides, *hidden]))
        self._as_read = self._read[: len(plain)]
        self._places = {name: place for place, name in enumerate(self._read)}
        self._places |= {
            field.attname: self._places[name]
            for name, field in concrete.items()
            if name in self._places
        }
        self._json = [
            self._places[name]
            for name in self._read
            if isinstance(concrete[name], JSONField)
        ]

    def _sources(self, computed: str) -> Iterable[str]:
        concrete = {field.name for field in self.model._meta.concrete_fields}
        declared = self.model.field_sources.get(computed)
        return declared or (name for name in self.model.classes() if name in concrete)

    @cached_property
    def columns(self) -> Columns:
        """The columns that are read, as a statement names them."""
        return Columns(self.model, self._read)

    def read(self, queryset: QuerySet[Any]) -> list[Values]:
        """Run the query; return its rows as they come."""
        query = queryset.query.clone()
        query.clear_deferred_loading()
        query.clear_select_clause()
        query.select = (self.columns,)
        assert query.get_initial_alias() == self.columns.table
        try:
            sql, parameters = query.get_compiler(queryset.db).as_sql()
        except EmptyResultSet:
            return []
        return fetched(sql, parameters, queryset.db)

    def values(self, row: Values, names: Iterable[str]) -> tuple[Any, ...]:
        """Return values of a row by their names, also of those that do not show."""
        return tuple(row[self._places[name]] for name in names)

    def show(self, rows: Iterable[Values]) -> list[Row]:
        """Return rows as the API shows them."""
        if self._json:
            rows = map(self._with_fragments, rows)
        if not self._computed:
            # What is read besides comes last, where the shorter list has ended.
            return [dict(zip(self._as_read, row, strict=False)) for row in rows]
        return [self._with_computed(row) for row in rows]

    def _with_fragments(self, row: Values) -> Values:
        """Let JSON through as the database writes it."""
        values = list(row)
        for place in self._json:
            if values[place] is not None:
                values[place] = orjson.Fragment(values[place])
        return tuple(values)

    def _with_computed(self, row: Values) -> Row:
        record = _Record()
        record.__dict__ = dict(zip(self._read, row, strict=False))
        shown = dict(zip(self._as_read, row, strict=False))
        for name, compute in self._computed:
            shown[name] = compute(record)
        return shown


@lru_cache(maxsize=1000)
def plan_of(model: Model, names: tuple[str, ...], hidden: tuple[str, ...] = ()) -> Plan:
    """Return the plan of these fields; ``hidden`` ones are read and not shown."""
    return Plan(model, names, hidden)


@lru_cache(maxsize=1000)
def names_of(model: Model, shown: frozenset[FieldClass]) -> tuple[str, ...]:
    """Return the names of a model's fields of these classes, in their order."""
    return tuple(name for name, kept in model.classes().items() if kept in shown)


_TEXT = adapters.get_loader(types["text"].oid, Format.TEXT)
#: UUIDs and decimals as text; moments by psycopg itself: Django's own loader, in
#: Python, takes five times as long, to the same end.
_LOADERS = {
    "uuid": _TEXT,
    "numeric": _TEXT,
    "timestamptz": adapters.get_loader(types["timestamptz"].oid, Format.TEXT),
}


def fetched(sql: str, parameters: Sequence[Any], using: str) -> list[Values]:
    """Run a statement whose values go out as JSON."""
    with connections[using].cursor() as cursor:
        known: Any = cursor.cursor.adapters
        for name, loader in _LOADERS.items():
            known.register_loader(name, loader)
        cursor.execute(sql, parameters)
        rows: list[Values] = cursor.fetchall()
    return rows
