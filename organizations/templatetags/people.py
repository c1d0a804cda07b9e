"""Words and marks for people on pages: initials, a face's tone, a browser's name."""

from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

from django import template

from organizations.models import Membership, User
from organizations.services import memberships_of

TONES = 8
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)

register = template.Library()


@register.filter
def initials(name: object) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    return "".join(word[0].upper() for word in [*words[:1], *words[1:][-1:]]) or "?"


@register.filter
def tone(name: object) -> str:
    """Return the class of a face: the same name, the same tone, on every page."""
    return f"tone-{crc32(str(name).encode()) % TONES}"


@register.filter
def browser(user_agent: str) -> str:
    """Name the browser and the system of a user agent, as people know them."""
    name = _first(BROWSERS, user_agent)
    system = _first(SYSTEMS, user_agent)
    if name and system:
        return f"{name} · {system}"
    return name or system or user_agent[:60] or "?"


def _first(known: Sequence[tuple[str, str]], text: str) -> str:
    return next((name for sign, name in known if sign in text), "")


@register.simple_tag(takes_context=True)
def my_memberships(context: dict[str, Any]) -> Iterable[Membership]:
    """Return the person's memberships in all organizations that are open."""
    user = me(context)
    return memberships_of(user) if user else ()


@register.simple_tag(takes_context=True)
def me(context: dict[str, Any]) -> User | None:
    """Return who looks at the page, if they are logged in.

    The API's documents are served without authentication: there the access alone
    knows the user.
    """
    request = context.get("request")
    if request is None:
        return None
    if access := getattr(request, "access", None):
        user: User | None = access.user
        return user
    return request.user if request.user and request.user.is_authenticated else None
