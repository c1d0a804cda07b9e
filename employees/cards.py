"""What the home page says of people."""

from typing import Any

from employees import open_work, overview
from employees.home import Card, Column, Visitor, register


def connect() -> None:
    """Put the cards of people on the home page, and their open points with the work."""
    open_work.register("people", open_work.of_people)
    for card in CARDS:
        register(card)


def _open_work(visitor: Visitor) -> Any:
    """HR's work, and, on a phone, where HR works."""
    if not visitor.access.allows("admin:access"):
        return None
    figures = open_work.figures_for(visitor.access)
    return {
        "figures": [figure for figure in figures if figure.count],
        "last_import": overview.last_import(visitor.access),
    }


def _team(visitor: Visitor) -> Any:
    team = overview.team(visitor.me)
    return team if team.count else None


def _departments(visitor: Visitor) -> Any:
    """The same for everybody who may look."""
    del visitor
    return overview.largest_departments() or None


CARDS = [
    Card("open_work", "employees/home/work.html", Column.OURS, 10, _open_work),
    Card("team", "employees/home/team.html", Column.OURS, 40, _team),
    Card("me", "employees/home/me.html", Column.OURS, 50, lambda visitor: visitor.me),
    Card(
        "joiners",
        "employees/home/joiners.html",
        Column.EVERYBODY,
        10,
        lambda visitor: overview.joiners(visitor.today),
    ),
    Card(
        "anniversaries",
        "employees/home/anniversaries.html",
        Column.EVERYBODY,
        20,
        lambda visitor: overview.anniversaries(visitor.today),
    ),
    Card(
        "people",
        "employees/home/people.html",
        Column.OURS,
        90,
        lambda visitor: overview.headcount(visitor.today),
    ),
    Card(
        "departments",
        "employees/home/departments.html",
        Column.EVERYBODY,
        40,
        _departments,
    ),
]
