"""Days and amounts as sentences tell them."""

import datetime as dt
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import ngettext

from leave.calendar.values import NOTHING, Unit


def shown(day: dt.date) -> str:
    """Return a date as sentences tell it: "24 December 2026"."""
    return date_format(day, "j F Y")


def plain(amount: Decimal) -> str:
    """Return an amount without needless zeros: "2.50" is "2.5", "10.00" is "10"."""
    return f"{amount.normalize() if amount else NOTHING:f}"


def signed(amount: Decimal) -> str:
    """Return an amount with its sign: "+25", "-3.5" with a real minus."""
    sign = "+" if amount > 0 else "\N{MINUS SIGN}" if amount < 0 else ""
    return f"{sign}{plain(abs(amount))}"


def amount_in_words(amount: Decimal, unit: str) -> str:
    """Return an amount with its unit: "1 day", "2.5 days", "12 hours"."""
    number = 1 if amount == 1 else 2
    words = (
        ngettext("%(amount)s hour", "%(amount)s hours", number)
        if unit == Unit.HOURS
        else ngettext("%(amount)s day", "%(amount)s days", number)
    )
    return words % {"amount": plain(amount)}
