"""What an origin is (RFC 6454, section 6.2): compared letter by letter, never matched.

Patterns are not offered: ``https://.*\\.example\\.com`` as often as not also matches
``https://example.com.evil.test``.
"""

import re
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST_LETTERS = 255
DEFAULT_PORTS = {"https": 443, "http": 80}
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
MOST_PORT = 65_535

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")
ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[^/:@?#\[\]]+)(?::(\d{1,5}))?\Z")


def validate_origin(text: str) -> None:
    """Refuse whatever no browser sends as ``Origin``, and plain HTTP over a network.

    Raises:
        ValidationError: with how to write it.
    """
    found = ORIGIN.match(text)
    if found is None or len(text) > MOST_LETTERS:
        raise _refusal(text)
    scheme, host, port = found.groups()
    if not (_is_address(host) if host.startswith("[") else HOST.match(host)):
        raise _refusal(text)
    if scheme == "http" and host not in LOCAL_HOSTS:
        raise ValidationError(
            _("Plain http is for localhost alone. Use https."), code="insecure_origin"
        )
    if port is not None and not _is_port_told(scheme, port):
        raise ValidationError(
            _("Leave the port out where it is the usual one; others are 1 to 65535."),
            code="origin_port",
        )


def _is_address(host: str) -> bool:
    """Say whether it is an IPv6 address in the one way that browsers write it."""
    try:
        return str(IPv6Address(host[1:-1])) == host[1:-1]
    except ValueError:
        return False


def _is_port_told(scheme: str, port: str) -> bool:
    number = int(port)
    return (
        str(number) == port
        and 1 <= number <= MOST_PORT
        and number != DEFAULT_PORTS[scheme]
    )


def _refusal(text: str) -> ValidationError:
    if "*" in text:
        message = _("Wildcards are not offered: name each origin.")
    elif urlsplit_has_more(text):
        message = _("Only scheme, host and port: no path, no slash at the end.")
    else:
        message = _(
            "Write it as browsers send it, in small letters, such as "
            "https://portal.example.com or http://localhost:3000. A name in other "
            "scripts is written as xn--…."
        )
    return ValidationError(message, code="origin")


def urlsplit_has_more(text: str) -> bool:
    """Say whether an address says more than where it is."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.netloc and (parts.path or parts.query or parts.fragment))
