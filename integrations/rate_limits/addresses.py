"""Where a request comes from, as far as that can be trusted.

``X-Forwarded-For`` is a list to which each proxy adds whom it was called by, at the
end. Whatever our own proxies (``TRUSTED_PROXY_COUNT`` of them) did not add, anybody may
have written: the address is the last one that a proxy of ours has told.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

#: Whose address nobody knows (a Unix socket, a malformed header): they share one.
UNKNOWN = "unknown"
#: A household or a server has at least this much of IPv6, so it counts as one caller.
IPV6_PREFIX = 64
#: The longest text of an address, with a port and brackets.
TEXT_MOST = 64


def client_address(request: HttpRequest) -> str:
    """Return the caller's IP address in its shortest form, or ``unknown``."""
    remote: str = request.META.get("REMOTE_ADDR", "")
    trusted: int = settings.TRUSTED_PROXY_COUNT
    if not trusted:
        return normalised(remote)
    told: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    hops = [*told.split(","), remote] if told else [remote]
    # The peer is our nearest proxy; each proxy in front of it adds one.
    return normalised(hops[max(0, len(hops) - 1 - trusted)].strip())


@lru_cache(maxsize=10_000)
def normalised(text: str) -> str:
    """Return an address in its shortest form; IPv4 in IPv6 is IPv4."""
    address = _parse(text)
    return UNKNOWN if address is None else str(address)


@lru_cache(maxsize=10_000)
def address_subject(address: str) -> str:
    """Return what is counted for an address: itself, or the /64 of an IPv6 one."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        network = IPv6Network((parsed, IPV6_PREFIX), strict=False)
        return f"address:{network}"
    return f"address:{parsed or UNKNOWN}"


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    if len(text) > TEXT_MOST:
        return None
    try:
        address = ip_address(_without_port(text))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        # An interface's name (%eth0) means nothing to anybody else.
        address = IPv6Address(int(address))
        return address.ipv4_mapped or address
    return address


def _without_port(text: str) -> str:
    """Some proxies tell ``203.0.113.7:4711`` or ``[2001:db8::1]:4711``."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    if text.count(":") == 1:
        return text.partition(":")[0]
    return text
