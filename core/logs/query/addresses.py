"""The address in a field's text: `1.2.3.4`, `1.2.3.4:52401`, `[2001:db8::7]:0`, `2001:db8::7:0`."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address


@lru_cache(maxsize=4096)
def addresses_of(text: str) -> tuple[Address, ...]:
    """Return the addresses that a text may mean.

    An IPv6 address with a port and no brackets reads both ways; then both count. An IPv4 address
    mapped into IPv6 counts as either.
    """
    text = text.split(",", 1)[0].strip()
    candidates = [text]
    if text.startswith("["):
        candidates = [text[1:].partition("]")[0]]
    elif ":" in text:
        candidates.append(text.rpartition(":")[0])
    found: list[Address] = []
    for candidate in candidates:
        try:
            address = ip_address(candidate)
        except ValueError:
            continue
        found.append(address)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            found.append(address.ipv4_mapped)
    return tuple(found)
