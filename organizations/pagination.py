"""How lists are narrowed, ordered and paged."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.exceptions import FieldError, ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import exceptions, filters
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.utils.urls import replace_query_param

from organizations.json_bodies import BadParameter

MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: the ordered values of one, and which way to read."""

    values: tuple[Any, ...]
    is_backward: bool = False

    def encode(self) -> str:
        """Return it as text for an address."""
        content = orjson.dumps([int(self.is_backward), *self.values], default=str)
        return urlsafe_b64encode(content).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, count: int) -> "Cursor":
        """Read a cursor of ``count`` values back.

        Raises:
            ValueError: when it is none of ours.
        """
        content = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        backward, *values = content
        if len(values) != count or any("\0" in str(value) for value in values):
            raise ValueError
        return cls(tuple(values), bool(backward))


class CursorPagination(BasePagination):
    """Pages by key: ``WHERE (name, id) > (…)``, so the last is as fast as the first.

    The key is the whole ordering, however many rows share a value; ``id`` closes every
    ordering. Orderings hold no nullable fields, which compare with nothing.
    """

    display_page_controls = False

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> Any:
        """Return one page of a queryset that is ordered; rows are taken as they come.

        Raises:
            ParseError: for a limit or cursor that is none.
        """
        self._request = request
        self._order = tuple(str(name) for name in queryset.query.order_by)
        limit = self._limit(request)
        cursor = self._cursor(request)
        is_backward = cursor is not None and cursor.is_backward
        if cursor is not None:
            queryset = self._from(queryset, cursor)
        rows = self.read(queryset[: limit + 1], view)
        has_more = len(rows) > limit
        page = rows[:limit][::-1] if is_backward else rows[:limit]
        has_next, has_previous = (
            (True, has_more) if is_backward else (has_more, cursor is not None)
        )
        self._next = self._link(page[-1], False) if page and has_next else None
        self._previous = self._link(page[0], True) if page and has_previous else None
        return page

    def read(self, queryset: QuerySet[Any], view: Any) -> Sequence[Any]:
        """Run the query: plain rows where the view reads them so, or else records."""
        rows: Sequence[Any] = (
            view.read_rows(queryset) if hasattr(view, "read_rows") else list(queryset)
        )
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self._next, "previous": self._previous, "results": data}
        )

    def get_results(self, data: Mapping[str, Any]) -> Any:
        return data["results"]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {
            "type": ["string", "null"],
            "format": "uri",
            "description": "The address of that page; null where there is none.",
            "example": "https://hr.example.com/api/v1/…/?cursor=WzAsIkxvdmVsYWNlIl0",
        }
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "limit",
                "in": "query",
                "description": "How many results a page holds.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_LIMIT,
                    "default": api_settings.PAGE_SIZE,
                },
            },
            {
                "name": "cursor",
                "in": "query",
                "description": "Where a page begins; follow `next` and `previous`.",
                "schema": {"type": "string"},
            },
        ]

    def _limit(self, request: Request) -> int:
        text = request.query_params.get("limit", str(api_settings.PAGE_SIZE))
        if len(text) > 4 or not (
            text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_LIMIT
        ):
            raise BadParameter(
                "limit",
                _("limit is a whole number from 1 to %(most)d.") % {"most": MAX_LIMIT},
            )
        return int(text)

    def _cursor(self, request: Request) -> Cursor | None:
        text = request.query_params.get("cursor")
        if not text:
            return None
        try:
            return Cursor.decode(text, len(self._order))
        except (ValueError, TypeError) as error:
            raise _bad_cursor() from error

    def _from(self, queryset: QuerySet[Any], cursor: Cursor) -> QuerySet[Any]:
        if cursor.is_backward:
            queryset = queryset.order_by(*(_reversed(name) for name in self._order))
        try:
            return queryset.filter(self._beyond(cursor))
        except (ValidationError, FieldError, ValueError, TypeError) as error:
            raise _bad_cursor() from error

    def _beyond(self, cursor: Cursor) -> Q:
        """Return ``a > x OR (a = x AND (b > y OR …))``, by each field's direction."""
        condition = Q()
        for position in reversed(range(len(self._order))):
            field, value = (
                self._order[position].removeprefix("-"),
                cursor.values[position],
            )
            is_upward = self._is_upward(position, cursor)
            beyond = Q(**{f"{field}__{'gt' if is_upward else 'lt'}": value})
            condition = (
                beyond | (Q(**{field: value}) & condition) if condition else beyond
            )
        # The same of the first field alone, which lets an index begin there.
        field, is_upward = self._order[0].removeprefix("-"), self._is_upward(0, cursor)
        start = Q(**{f"{field}__{'gte' if is_upward else 'lte'}": cursor.values[0]})
        return start & condition

    def _is_upward(self, position: int, cursor: Cursor) -> bool:
        return self._order[position].startswith("-") == cursor.is_backward

    def _link(self, row: Any, is_backward: bool) -> str:
        names = [name.removeprefix("-") for name in self._order]
        values = tuple(
            row[name] if isinstance(row, Mapping) else getattr(row, name)
            for name in names
        )
        address = self._request.build_absolute_uri()
        return replace_query_param(
            address, "cursor", Cursor(values, is_backward).encode()
        )


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _bad_cursor() -> exceptions.ParseError:
    return BadParameter(
        "cursor", _("This cursor is none of this list's. Follow next and previous.")
    )


class ParameterFilter(DjangoFilterBackend):  # type: ignore[misc]
    """The filters of a view's ``filterset_class``; unused, they cost nothing."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        declared = getattr(view, "filterset_class", None)
        if declared is None or request.query_params.keys().isdisjoint(
            declared.base_filters
        ):
            return queryset
        narrowed: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return narrowed


class OrderingFilter(filters.OrderingFilter):
    """``?ordering=last_name`` or ``-hired_on``, always made total by ``id``.

    A name that is none to order by is refused, not passed over.
    """

    def get_ordering(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> tuple[str, ...]:
        ordering = tuple(super().get_ordering(request, queryset, view) or ())
        if {"id", "-id"}.isdisjoint(ordering):
            return (*ordering, "id")
        return ordering

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = getattr(view, "ordering_fields", ())
        if not names:
            return []
        return [
            {
                "name": self.ordering_param,
                "in": "query",
                "description": f"One or more of {', '.join(names)}; `-` turns round.",
                "schema": {"type": "string", "example": f"-{names[-1]}"},
            }
        ]

    def remove_invalid_fields(
        self,
        queryset: QuerySet[Any],
        fields: Iterable[str],
        view: Any,
        request: Request,
    ) -> list[str]:
        fields = list(fields)
        valid = super().remove_invalid_fields(queryset, fields, view, request)
        if unknown := [name for name in fields if name not in valid]:
            known = self.get_valid_fields(queryset, view, {"request": request})
            raise exceptions.ValidationError(
                {
                    "ordering": exceptions.ErrorDetail(
                        _("“%(name)s” is none of: %(known)s.")
                        % {
                            "name": unknown[0],
                            "known": ", ".join(name for name, _label in known),
                        },
                        code="invalid_choice",
                    )
                }
            )
        return valid
