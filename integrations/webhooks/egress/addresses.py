"""Which addresses a delivery may go to.

Until an installation says otherwise: HTTPS to public addresses only. The name is not
enough, since whoever owns it may point it anywhere at any time; so the address that a
connection is really opened to is checked as well (`is_allowed` in the engine).

Any port may be used: the rule protects what stands behind this installation's
firewall, and behind a public address no port is ours. TLS with a valid certificate
keeps the port from being a way to speak other protocols.
"""

from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAX_URL_LENGTH = 2000


def _networks(*networks: str) -> tuple[Network, ...]:
    return tuple(ip_network(network) for network in networks)


# IANA's special-purpose address registries (RFC 6890 and its updates), and multicast.
_NOT_PUBLIC = _networks(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",  # carrier-grade NAT, and the metadata address of some clouds
    "127.0.0.0/8",
    "169.254.0.0/16",  # link-local, with the metadata address of most clouds
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/96",  # unspecified, loopback, and the old IPv4-compatible form
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/23",  # Teredo, ORCHID, benchmarking
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
)
# Never a receiver, even where private networks are allowed.
_NEVER = _networks(
    "0.0.0.0/8",
    "100.100.100.200/32",  # metadata, Alibaba Cloud
    "169.254.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "fd00:ec2::254/128",  # metadata, AWS
    "fe80::/10",
    "ff00::/8",
)
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """What may be reached: public addresses by HTTPS, or private networks as well."""

    allow_private_networks: bool = False

    @property
    def schemes(self) -> tuple[str, ...]:
        """Return the URL schemes that may be used."""
        return ("https", "http") if self.allow_private_networks else ("https",)

    def is_allowed(self, address: str) -> bool:
        """Say whether a connection to this literal address may be opened."""
        # A scope (fe80::1%eth0) belongs to the interface, not to the address.
        target = _embedded_ipv4(ip_address(address.partition("%")[0]))
        refused = _NEVER if self.allow_private_networks else _NOT_PUBLIC + _NEVER
        return not any(target in network for network in refused)

    def refusal(self, address: str) -> str:
        """Return the sentence for the person whose address was refused."""
        if self.allow_private_networks:
            return _("%(address)s is no address that a webhook may go to.") % {
                "address": address
            }
        return _(
            "%(address)s is not a public address; webhooks go to public addresses only."
        ) % {"address": address}


def _embedded_ipv4(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address leads to, or the address itself.

    IPv4-mapped, 6to4 and NAT64 addresses are other spellings of an IPv4 address.
    """
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def validate_endpoint_url(url: str, policy: EgressPolicy) -> None:
    """Refuse a URL that no delivery could ever go to.

    Raises ValidationError. The host is not looked up: it may be set up later, and the
    address is checked at every connection anyway.
    """
    parts = _split(url)
    if parts.scheme not in policy.schemes:
        raise ValidationError(
            _("The address must start with https://.")
            if policy.schemes == ("https",)
            else _("The address must start with https:// or http://."),
            code="scheme",
        )
    if not parts.hostname:
        raise ValidationError(_("The address needs a host name."), code="host")
    if parts.username is not None or parts.password is not None:
        raise ValidationError(
            _("The address must not hold a user name or password."), code="userinfo"
        )
    if parts.fragment:
        raise ValidationError(
            _("The address must not hold a fragment (#…)."), code="fragment"
        )
    _validate_literal_host(parts.hostname, policy)


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL_LENGTH:
        raise ValidationError(_("The address is too long."), code="too_long")
    if not url.isascii() or any(character <= " " for character in url):
        raise ValidationError(
            _("The address must be plain ASCII without spaces."), code="characters"
        )
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError as error:
        raise ValidationError(_("This is no valid address."), code="invalid") from error
    return parts


def _validate_literal_host(host: str, policy: EgressPolicy) -> None:
    """Refuse a literal address at once; other spellings are refused at connection."""
    try:
        ip_address(host)
    except ValueError:
        is_local_name = host == "localhost" or host.endswith(".localhost")
        if is_local_name and not policy.allow_private_networks:
            raise ValidationError(policy.refusal(host), code="address") from None
        return
    if not policy.is_allowed(host):
        raise ValidationError(policy.refusal(host), code="address")
