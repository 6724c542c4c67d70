"""Which hosts are never asked: link-local addresses and the metadata services of clouds. Pure."""

import ipaddress
import socket

_METADATA_NAMES = frozenset({"metadata.google.internal", "metadata", "instance-data"})
_METADATA_V6 = ipaddress.ip_address("fd00:ec2::254")


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
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


def is_forbidden(host: str) -> bool:
    """Return whether a host must not be asked. Names are judged by name, addresses by range."""
    if host.lower().rstrip(".") in _METADATA_NAMES:
        return True
    address = _literal(host)
    if address is None:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            address = inner
    return address.is_link_local or address == _METADATA_V6
