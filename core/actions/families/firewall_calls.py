"""The command lines of the three packet filters, words only. Pure."""

from core.actions.verdicts.blocking import Filter, Network

_WAIT = ("-w", "5")
TABLE = "quarterdeck"
_HOOK = "{ type filter hook input priority -10 ; policy accept ; }"


def listing(kind: Filter, version: int, chain: str) -> tuple[str, ...]:
    """Return what lists the rules of a chain."""
    match kind:
        case Filter.UFW:
            return ("ufw", "status")
        case Filter.IPTABLES:
            return (_tool(version), *_WAIT, "-S", chain)
        case Filter.NFT:
            return ("nft", "-a", "list", "table", "inet", TABLE)


def adding(kind: Filter, network: Network, chain: str, mark: str) -> tuple[tuple[str, ...], ...]:
    """Return the commands that block a network, in their order; each may be run again."""
    match kind:
        case Filter.UFW:
            return (("ufw", "prepend", "deny", "from", str(network), "comment", mark),)
        case Filter.IPTABLES:
            words = _rule(network, mark)
            return ((_tool(network.version), *_WAIT, "-I", chain, "1", *words),)
        case Filter.NFT:
            family = "ip" if network.version == 4 else "ip6"
            return (
                ("nft", "add", "table", "inet", TABLE),
                ("nft", "add", "chain", "inet", TABLE, chain, _HOOK),
                ("nft", "add", "rule", "inet", TABLE, chain, family, "saddr", str(network),
                 "drop", "comment", f'"{mark}"'),
            )  # fmt: skip


def removing(kind: Filter, network: Network, chain: str, mark: str, handle: str) -> tuple[str, ...]:
    """Return the command that removes exactly the rule that was added."""
    match kind:
        case Filter.UFW:
            return ("ufw", "--force", "delete", "deny", "from", str(network))
        case Filter.IPTABLES:
            return (_tool(network.version), *_WAIT, "-D", chain, *_rule(network, mark))
        case Filter.NFT:
            return ("nft", "delete", "rule", "inet", TABLE, chain, "handle", handle)


def _tool(version: int) -> str:
    return "iptables" if version == 4 else "ip6tables"


def _rule(network: Network, mark: str) -> tuple[str, ...]:
    return ("-s", str(network), "-m", "comment", "--comment", mark, "-j", "DROP")
