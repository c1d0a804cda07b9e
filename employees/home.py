"""The home page: cards that every app registers, in the order in which people look.

An app registers a :class:`Card` when it starts, so the page knows none of the apps that
fill it. A card says what it shows to a :class:`Visitor`, or nothing at all.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import groupby
from typing import Any

from employees.models import Employee
from organizations.access import OrganizationAccess


class Column(IntEnum):
    """Where a card stands, from the left; on a phone one column follows the other."""

    MINE = 1
    OURS = 2
    EVERYBODY = 3


@dataclass(frozen=True)
class Visitor:
    """Who looks at the page: by which access, as which employee, if any, and when."""

    access: OrganizationAccess
    me: Employee | None
    now: dt.datetime

    @cached_property
    def today(self) -> dt.date:
        """The day in the organization's zone."""
        return self.now.astimezone(self.access.organization.zone).date()


@dataclass(frozen=True, slots=True)
class Card:
    """One card of the page.

    ``facts`` returns what the template shows as ``facts``, or None for no card.
    ``place`` orders the cards of a column. ``stylesheet`` is what it needs besides.
    """

    name: str
    template: str
    column: Column
    place: int
    facts: Callable[[Visitor], Any]
    stylesheet: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A card with what it shows to somebody."""

    card: Card
    facts: Any


_cards: dict[str, Card] = {}


def register(card: Card) -> None:
    """Put a card on the page."""
    _cards[card.name] = card


def shown_to(visitor: Visitor) -> list[Shown]:
    """Return the cards that have something for a visitor, in order."""
    order = sorted(_cards.values(), key=lambda card: (card.column, card.place))
    cards = ((card, card.facts(visitor)) for card in order)
    return [Shown(card, facts) for card, facts in cards if facts is not None]


def columns_of(cards: Sequence[Shown]) -> list[list[Shown]]:
    """Return the columns that hold a card."""
    return [
        list(held) for _column, held in groupby(cards, lambda each: each.card.column)
    ]


def stylesheets_of(cards: Sequence[Shown]) -> list[str]:
    """Return what the cards need besides, each once."""
    return sorted({each.card.stylesheet for each in cards if each.card.stylesheet})
