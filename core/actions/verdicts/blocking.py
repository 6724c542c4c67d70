"""Rules of packet filters as their tools list them, and who is connected by SSH."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from core.model.text import SafeText

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LEAST_BITS = {4: 24, 6: 48}
"""A wider network is not one attacker."""
_PRIVATE = tuple(
    ipaddress.ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""Not `is_private`, which is also true of ranges that are kept for documents."""
_HANDLE = re.compile(r"# handle (\d+)\s*$")
_SSH_PORT = 22


class Filter(StrEnum):
    """The tool that holds the rules."""

    UFW = "ufw"
    IPTABLES = "iptables"
    NFT = "nft"


@dataclass(frozen=True, slots=True)
class Rule:
    """One of our rules as it is listed."""

    line: SafeText
    handle: str = ""
    """Of nft."""


def network_of(text: str) -> Network | None:
    """Return an address or network as a person writes it; None: it is none, or has host bits."""
    try:
        return ipaddress.ip_network(text, strict=True)
    except ValueError:
        return None


def reason_against(network: Network) -> str:
    """Return why a network is not blocked unless somebody insists; empty: nothing does."""
    if network.num_addresses > 2 ** (network.max_prefixlen - LEAST_BITS[network.version]):
        return f"{network} is wider than /{LEAST_BITS[network.version]}: it is more than one place"
    kinds = (
        (network.is_loopback, "this machine itself"),
        (network.is_unspecified, "nobody's address"),
        (network.is_link_local, "link-local"),
        (network.is_multicast, "multicast"),
        (
            any(_overlap(network, one) for one in _PRIVATE),
            "a private range: this network's own machines",
        ),
        (network.is_reserved, "reserved"),
    )
    return next((f"{network} is {what}" for is_so, what in kinds if is_so), "")


def _overlap(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)


def parse_ssh_peers(lines: tuple[SafeText, ...]) -> tuple[str, ...]:
    """Return who is connected by SSH, as `ss -Htnp state established` lists it."""
    found: list[str] = []
    for line in lines:
        words = line.split()
        if len(words) < 4:
            continue
        local, peer = words[2], words[3]
        is_ssh = local.rpartition(":")[2] == str(_SSH_PORT) or '"sshd' in line
        address = peer.rpartition(":")[0].strip("[]").split("%")[0].removeprefix("::ffff:")
        if is_ssh and network_of(address) is not None:
            found.append(address)
    return tuple(dict.fromkeys(found))


def holds(network: Network, address: str) -> bool:
    """Tell whether an address is in a network."""
    one = network_of(address)
    return one is not None and one.version == network.version and one.subnet_of(network)  # pyright: ignore[reportArgumentType] - of one version


def rules_of(kind: Filter, lines: tuple[SafeText, ...], mark: str) -> tuple[Rule, ...]:
    """Return the listed rules that bear our mark, a comment of our own."""
    marked = re.compile(rf"(?<![\w-]){re.escape(mark)}(?![\w-])")
    found: list[Rule] = []
    for line in lines:
        if marked.search(line):
            handle = _HANDLE.search(line) if kind is Filter.NFT else None
            found.append(Rule(line, handle.group(1) if handle else ""))
    return tuple(found)


def is_blocked(lines: tuple[SafeText, ...], network: Network) -> bool:
    """Tell whether a rule of anybody's drops or refuses exactly this network."""
    names = {str(network), str(network.network_address)}
    if network.num_addresses > 1:
        names = {str(network)}
    return any(
        names & set(line.replace(",", " ").split())
        and re.search(r"\b(?:DROP|REJECT|DENY|drop|reject)\b", line)
        for line in lines
    )
