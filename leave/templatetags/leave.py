"""Amounts of leave, as pages write them."""

from collections.abc import Iterable
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from leave import inbox
from leave.calendar import Portion, amount_in_words, plain, signed
from leave.team import Cell

register = template.Library()
register.filter(signed)


@register.filter
def amount(value: Decimal | str | None) -> str:
    """Return an amount without needless zeros; nothing for none."""
    return "" if value is None else plain(Decimal(value))


@register.filter
def in_words(value: Decimal, unit: str) -> str:
    """Return an amount with its unit: "2.5 days"."""
    return amount_in_words(value, unit)


#: Most days of a month are these; they are drawn for hundreds of people.
_PLAIN = {
    "free": mark_safe('<td class="free"></td>'),
    "off": mark_safe('<td class="off"></td>'),
}


@register.filter
def wall(cells: Iterable[Cell]) -> str:
    """Return the days of somebody's month as cells of the calendar's table.

    Here and not in a template: thirty days of a hundred people are three thousand.
    """
    # What is safe, added to what is safe, stays so; of anything else it would not.
    return reduce(add, map(_cell, cells), SafeString())


def _cell(cell: Cell) -> SafeString:
    if cell.kind in _PLAIN:
        return _PLAIN[cell.kind]
    sign = cell.words[:1]
    if cell.kind == "holiday":
        sign = "H" if cell.portion == Portion.FULL else "\N{VULGAR FRACTION ONE HALF}"
    inner = format_html(
        '<span aria-hidden="true">{}</span><span class="only-read">{}</span>',
        sign,
        cell.words,
    )
    if cell.request_id:
        address = reverse("leave:receipt", args=[cell.request_id])
        inner = format_html('<a href="{}">{}</a>', address, inner)
    elif cell.kind != "holiday":
        inner = format_html("<span>{}</span>", inner)
    portion = "" if cell.portion == Portion.FULL else cell.portion
    tone = f"tone-{cell.colour}" if cell.colour else ""
    classes = " ".join(filter(None, [cell.kind, portion, tone]))
    return format_html('<td class="{}" title="{}">{}</td>', classes, cell.words, inner)


@register.simple_tag(takes_context=True)
def inbox_count(context: dict[str, Any]) -> int:
    """Return how many things wait for the member's decision, counted once a page."""
    request = context["request"]
    if not hasattr(request, "inbox_count"):
        request.inbox_count = inbox.count(request.access)
    count: int = request.inbox_count
    return count
