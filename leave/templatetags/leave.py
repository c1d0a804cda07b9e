"""Amounts of leave, as pages write them."""

from decimal import Decimal
from typing import Any

from django import template

from leave import inbox
from leave.calendar import amount_in_words, plain

register = template.Library()


@register.filter
def amount(value: Decimal | str | None) -> str:
    """Return an amount without needless zeros; nothing for none."""
    return "" if value is None else plain(Decimal(value))


@register.filter
def signed(value: Decimal) -> str:
    """Return an amount with its sign: "+25", "-3.5" with a real minus."""
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}{plain(abs(value))}"


@register.filter
def in_words(value: Decimal, unit: str) -> str:
    """Return an amount with its unit: "2.5 days"."""
    return amount_in_words(value, unit)


@register.simple_tag(takes_context=True)
def inbox_count(context: dict[str, Any]) -> int:
    """Return how many things wait for the member's decision."""
    return inbox.count(context["request"].access)
