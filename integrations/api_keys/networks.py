"""Lists of networks that a key may be used from. Pure."""

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

MAX_NETWORKS = 100
#: IPv4 addresses inside IPv6 (RFC 4291, section 2.5.5.2).
MAPPED = IPv6Network("::ffff:0:0/96")


def normalize(texts: Iterable[str]) -> list[str]:
    """Return networks as they are kept: one form for each, without doubles, in order.

    A single address is a network of one. Mapped IPv6 is the IPv4 that it stands for.

    Raises:
        ValidationError: for what is no network; for one with bits set behind its mask,
            which was probably meant otherwise; for one that holds every address; for
            too many.
    """
    networks = {_read(text) for text in texts if text.strip()}
    if len(networks) > MAX_NETWORKS:
        raise ValidationError(
            _("At most %(most)d networks."),
            code="too_many",
            params={"most": MAX_NETWORKS},
        )
    return [str(network) for network in sorted(networks, key=_order)]


def _order(network: Network) -> tuple[int, int, int]:
    return network.version, int(network.network_address), network.prefixlen


def _read(text: str) -> Network:
    try:
        network = unmapped_network(ip_network(text.strip()))
    except ValueError as error:
        raise ValidationError(
            _("“%(text)s” is no network. Write 203.0.113.0/24 or 2001:db8::/32."),
            code="network",
            params={"text": text},
        ) from error
    if network.prefixlen == 0:
        raise ValidationError(
            _("%(text)s holds every address. Leave the list empty instead."),
            code="everywhere",
            params={"text": text},
        )
    return network


def unmapped_network(network: Network) -> Network:
    """Return the IPv4 network that a mapped IPv6 one stands for, or it as it is."""
    if isinstance(network, IPv6Network) and network.subnet_of(MAPPED):
        start = IPv4Address(int(network.network_address) & 0xFFFFFFFF)
        return IPv4Network((start, network.prefixlen - MAPPED.prefixlen))
    return network


def unmapped_address(text: str) -> Address | None:
    """Return an address, IPv4 where it is one in IPv6's clothes; None for none."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def holds(networks: Iterable[Network], address: str) -> bool:
    """Say whether an address is in one of the networks; nothing else is."""
    asked = unmapped_address(address)
    return asked is not None and any(asked in network for network in networks)
