"""How lists are paged and ordered."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import filters, pagination
from rest_framework.request import Request


class CursorPagination(pagination.CursorPagination):
    """Pages by cursor: as fast on the last page as on the first.

    ``id`` closes every ordering, so that no row is shown twice or left out.
    """

    ordering = "id"
    page_size_query_param = "limit"
    max_page_size = 1000


class OrderingFilter(filters.OrderingFilter):
    """``?ordering=last_name`` or ``-hired_on``, always made total by ``id``."""

    def get_ordering(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> tuple[str, ...]:
        ordering = tuple(super().get_ordering(request, queryset, view) or ())
        if {"id", "-id"}.isdisjoint(ordering):
            return (*ordering, "id")
        return ordering
