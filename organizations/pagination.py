"""How lists are narrowed, ordered and paged."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from django.core.exceptions import FieldError, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import exceptions, filters
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.settings import api_settings

from organizations.json_bodies import BadParameter
from organizations.reading.plans import Row
from organizations.reading.readers import Reader
from organizations.reading.sources import Source

MAX_LIMIT = 1000


def _may_be_compared(value: Any) -> bool:
    """Say whether it is one value, which the database takes."""
    return not isinstance(value, (dict, list, type(None))) and "\0" not in str(value)


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
        if len(values) != count or not all(map(_may_be_compared, values)):
            raise ValueError
        return cls(tuple(values), bool(backward))


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, and the addresses of the pages beside it."""

    next: str | None
    previous: str | None
    rows: list[Row]

    def document(self) -> dict[str, Any]:
        """Return what the body says."""
        return {"next": self.next, "previous": self.previous, "results": self.rows}

    def headers(self) -> dict[str, str]:
        """Return the links for programs that do not look into bodies (RFC 8288)."""
        links = [
            f'<{address}>; rel="{relation}"'
            for address, relation in ((self.next, "next"), (self.previous, "prev"))
            if address
        ]
        return {"Link": ", ".join(links)} if links else {}


class CursorPagination(BasePagination):
    """Pages by key: ``WHERE (name, id) > (…)``, so the last is as fast as the first.

    The key is the whole ordering, however many rows share a value; ``id`` closes every
    ordering. Orderings hold no nullable fields, which compare with nothing.
    """

    display_page_controls = False

    def page_of(
        self,
        source: Source,
        request: Request,
        reader_of: Callable[[tuple[str, ...]], Reader],
    ) -> Page:
        """Return one page.

        ``reader_of`` makes what reads it, given what it must read besides: the names
        of the ordering.

        Raises:
            ParseError: for a limit or cursor that is none.
        """
        limit = self._limit(request)
        cursor = self._cursor(request, len(source.order))
        names = tuple(name.removeprefix("-") for name in source.order)
        reader = reader_of(names)
        is_backward = cursor is not None and cursor.is_backward
        after = cursor.values if cursor else ()
        try:
            rows = source.read(reader, limit + 1, after, is_backward=is_backward)
        except (ValidationError, FieldError, ValueError, TypeError) as error:
            if cursor is None:
                raise
            raise _bad_cursor() from error
        has_more = len(rows) > limit
        page = rows[:limit][::-1] if is_backward else rows[:limit]
        has_next, has_previous = (
            (True, has_more) if is_backward else (has_more, cursor is not None)
        )

        def link(row: Any, is_backward: bool) -> str:
            return _link(request, Cursor(reader.values(row, names), is_backward))

        return Page(
            link(page[-1], False) if page and has_next else None,
            link(page[0], True) if page and has_previous else None,
            reader.show(page),
        )

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

    def _cursor(self, request: Request, count: int) -> Cursor | None:
        text = request.query_params.get("cursor")
        if not text:
            return None
        try:
            return Cursor.decode(text, count)
        except (ValueError, TypeError) as error:
            raise _bad_cursor() from error


def _link(request: Request, cursor: Cursor) -> str:
    """Return the address of another page of the same list."""
    asked = request._request.GET
    kept = [(name, asked.getlist(name)) for name in asked if name != "cursor"]
    query = urlencode([*kept, ("cursor", cursor.encode())], doseq=True)
    return f"{request._request.build_absolute_uri(request.path)}?{query}"


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


def total(ordering: Iterable[str]) -> tuple[str, ...]:
    """Return an ordering that no two rows share a place in."""
    order = tuple(ordering)
    return (*order, "id") if {"id", "-id"}.isdisjoint(order) else order


class OrderingFilter(filters.OrderingFilter):
    """``?ordering=last_name`` or ``-hired_on``, always made total by ``id``.

    A name that is none to order by is refused, not passed over.
    """

    def get_ordering(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> tuple[str, ...]:
        return total(super().get_ordering(request, queryset, view) or ())

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
