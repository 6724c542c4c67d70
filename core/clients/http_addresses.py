"""Which hosts are never asked: link-local addresses and the metadata services of clouds. Pure."""

import ipaddress
import socket

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA_NAMES = frozenset({"metadata.google.internal", "metadata", "instance-data"})
_FORBIDDEN_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # "this host": whatever listens here
        "169.254.0.0/16",  # link-local; metadata of most clouds
        "100.100.100.200/32",  # metadata of Alibaba Cloud
        "168.63.129.16/32",  # agent of Azure
        "192.0.0.192/32",  # metadata of Oracle Cloud Classic
    )
)
_FORBIDDEN_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "::/128",
        "fe80::/10",
        "fd00:ec2::/32",  # metadata, names and identities of AWS
        "fd20:ce::254/128",  # metadata of Google Cloud
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


def literal_address(host: str) -> IpAddress | None:
    """Return the address that a host text denotes: dotted, decimal, octal, hex or IPv6."""
    bare = host.strip("[]").split("%")[0]
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare))
    except (OSError, ValueError):
        return None


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, if any."""
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def is_forbidden_address(address: IpAddress) -> bool:
    """Return whether an address must not be asked; loopback and private ones may be."""
    if isinstance(address, ipaddress.IPv4Address):
        return any(address in network for network in _FORBIDDEN_V4)
    inner = _inner(address)
    if inner is not None:
        return is_forbidden_address(inner)
    return any(address in network for network in _FORBIDDEN_V6)


def is_forbidden(host: str) -> bool:
    """Return whether a host must not be asked, as far as its text says.

    What a name resolves to is judged address by address, when the connection is made.
    """
    if host.lower().rstrip(".") in _METADATA_NAMES:
        return True
    address = literal_address(host)
    return address is not None and is_forbidden_address(address)
