"""Where an app may be answered: which addresses it registers, and which one matches.

Addresses are compared character by character (RFC 9700, section 2.1). The one exception
is the port of a native app's loopback address, which the operating system chooses when
the app starts (RFC 8252, section 7.3).
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 500
MAX_COUNT = 20
LAST_PORT = 65_535

#: Printable ASCII without what URLs never hold unescaped.
ACCEPTABLE = re.compile(r"[!-~]+\Z")
REFUSED_CHARACTERS = frozenset('#*\\<>"{}|^`')
LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::([1-9]\d{0,4}))?([/?].*)?\Z")
LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class ApplicationKind(TextChoices):
    """How an app runs, which says what it can keep secret."""

    WEB = "web", _("Web app with a server")
    BROWSER = "browser", _("App in the browser")
    NATIVE = "native", _("Desktop or mobile app")
    SERVICE = "service", _("Service without people")


def validate_addresses(kind: str, addresses: Sequence[str]) -> None:
    """Refuse addresses that an app of this kind must not be answered at.

    Raises:
        ValidationError: naming the first that is wrong.
    """
    if len(addresses) > MAX_COUNT or len(set(addresses)) != len(addresses):
        raise ValidationError(
            _("At most %(most)d addresses, none twice."),
            code="too_many",
            params={"most": MAX_COUNT},
        )
    for address in addresses:
        if refusal := _refusal(kind, address):
            raise ValidationError(
                _("%(address)s: %(refusal)s"),
                code="redirect_uri",
                params={"address": address[:MAX_LENGTH], "refusal": refusal},
            )


def _refusal(kind: str, address: str) -> object:
    """Return what is wrong with an address, or None."""
    if len(address) > MAX_LENGTH or not ACCEPTABLE.match(address):
        return _("too long, or not plain letters of an address.")
    if REFUSED_CHARACTERS & set(address):
        return _("no fragment, wildcard or unescaped character, please.")
    parts = _parse(address)
    if parts is None or parts.username is not None:
        return _("this is no address, or it holds a user's name.")
    if parts.scheme == "https":
        return None if parts.hostname else _("a host is missing.")
    if parts.scheme == "http":
        return _refusal_of_http(kind, address, parts)
    return _refusal_of_scheme(kind, parts)


def _refusal_of_http(kind: str, address: str, parts: SplitResult) -> object:
    if kind == ApplicationKind.NATIVE:
        if LOOPBACK.match(address):
            return None
        return _("use https, or http://127.0.0.1 on the person's own machine.")
    if parts.hostname in LOCAL_HOSTS:
        return None
    return _("use https; http is for this machine alone.")


def _refusal_of_scheme(kind: str, parts: SplitResult) -> object:
    """A scheme of one's own is a domain of one's own, reversed (RFC 8252, 7.1)."""
    if kind != ApplicationKind.NATIVE:
        return _("use https.")
    if "." not in parts.scheme:
        return _("a scheme of its own is a reversed domain, as com.example.app:/back.")
    return None


def _parse(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return None
    return parts if parts.scheme else None


def is_registered(kind: str, registered: Iterable[str], address: str) -> bool:
    """Say whether an app may be answered at an address."""
    known = list(registered)
    if address in known:
        return True
    if kind != ApplicationKind.NATIVE:
        return False
    asked = _without_port(address)
    return asked is not None and asked in map(_without_port, known)


def _without_port(address: str) -> tuple[str, str] | None:
    found = LOOPBACK.match(address)
    if found is None or not ACCEPTABLE.match(address):
        return None
    if REFUSED_CHARACTERS & set(address) or int(found[2] or 0) > LAST_PORT:
        return None
    return found[1], found[3] or ""


def scheme_of(address: str) -> str:
    """Return an address' scheme, in small letters."""
    return address.partition(":")[0].lower()


def origin_of(address: str) -> str | None:
    """Return the origin that a browser would name, or None for a scheme of its own."""
    parts = _parse(address)
    if parts is None or parts.scheme not in {"http", "https"}:
        return None
    return f"{parts.scheme}://{parts.netloc}"
