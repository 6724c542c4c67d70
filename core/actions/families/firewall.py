"""`firewall.block`: drops what comes from an address, with the packet filter that is in use."""

from secrets import token_hex

from core.actions.action import Action, Draft, DraftStep, Input, Offer, Site
from core.actions.families.firewall_calls import TABLE, adding
from core.actions.families.firewall_steps import BlockAddress, ask, listed
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.verdicts.blocking import (
    Filter,
    Network,
    holds,
    is_blocked,
    network_of,
    parse_ssh_peers,
    reason_against,
)
from core.errors import ActionError, ClientError, ClientMissing
from core.model.action import ActionRequest, Danger, Preflight, Target
from core.model.text import SafeText, clean

_AUTO, _YES, _NO = "auto", "yes", "no"
_DOCKER_CHAIN = "DOCKER-USER"
_INPUT, _NFT_CHAIN = "INPUT", "input"
_DEADLINE_S = 30.0
_LISTS_SSH = ("ss", "-Htnp", "state", "established")


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("firewall.block", f"{system.name}/host", SafeText("Block an address on this machine"))
        for system in site.topology.systems
    )


async def _draft(site: Site, request: ActionRequest) -> Draft:
    system, _, what = request.target.partition("/")
    site.system(system)
    if what not in {"", "host"}:
        raise ActionError(
            f"an address is blocked on this machine: {system}/host, not {clean(what)}"
        )
    network = network_of(request.input("address"))
    if network is None:
        shown = clean(request.input("address"), 80)
        raise ActionError(f"{shown!r} is no address and no network such as 203.0.113.0/24")
    is_forced = request.input("force", _NO) == _YES
    flights = [*_address_flights(network, is_forced=is_forced)]
    flights += await _ssh_flights(site, network, is_forced=is_forced)
    kind, found = await _filter(site, request.input("with", _AUTO), network)
    flights += found
    steps: tuple[DraftStep, ...] = ()
    if kind is not None:
        chains, seen = await _chains(site, kind, network)
        flights += seen
        mark = f"{TABLE}-{token_hex(4)}"
        steps = tuple(_step(kind, network, chain, mark) for chain in chains)
    return Draft(
        title=clean(f"block {network}"),
        targets=(Target("address", str(network), clean(str(network))),),
        steps=steps,
        radius=_radius(network, steps),
        preflight=tuple(flights),
        preview=tuple(clean(f"$ {' '.join(words)}") for words in _all_words(kind, network, steps)),
        locks=("firewall:input",),
        way_back=SafeText("undone by removing exactly these rules"),
    )


def _step(kind: Filter, network: Network, chain: str, mark: str) -> DraftStep:
    return DraftStep(
        clean(f"drop {network} in {chain} with {kind}"),
        BlockAddress(kind.value, str(network), chain, mark),
        _DEADLINE_S,
        undo=SafeText("the rule is removed"),
    )


def _all_words(
    kind: Filter | None, network: Network, steps: tuple[DraftStep, ...]
) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for one in steps:
        step = one.step
        if kind is not None and isinstance(step, BlockAddress):
            found += adding(kind, network, step.chain, step.mark)
    return found


def _radius(network: Network, steps: tuple[DraftStep, ...]) -> tuple[SafeText, ...]:
    count = network.num_addresses
    lines = [
        clean(f"{count} address{'' if count == 1 else 'es'}: {network}, all ports, for all systems")
    ]
    if steps and isinstance(steps[0].step, BlockAddress) and steps[0].step.filter != Filter.UFW:
        lines.append(SafeText("the rule is lost when the machine is started anew"))
    lines.append(SafeText("behind a proxy or load balancer its address is seen, not the client's"))
    return tuple(lines)


def _address_flights(network: Network, *, is_forced: bool) -> tuple[Preflight, ...]:
    against = reason_against(network)
    if not against:
        return (passed("address", f"{network}"),)
    if is_forced:
        return (warning("address", against),)
    return (stop_flight("address", against, "--set force=yes if it is meant"),)


async def _ssh_flights(site: Site, network: Network, *, is_forced: bool) -> list[Preflight]:
    """Return what speaks against cutting off whoever is at work here."""
    try:
        ran = await ask(site.ports, _LISTS_SSH)
    except ClientError as error:
        return [warning("ssh", f"who is connected by SSH cannot be seen: {error}")]
    if ran.exit_code:
        return [warning("ssh", "who is connected by SSH cannot be seen: ss fails")]
    peers = [one for one in parse_ssh_peers(ran.output) if holds(network, one)]
    if not peers:
        return [passed("ssh", "nobody is connected by SSH from there")]
    text = f"somebody is connected by SSH from {', '.join(peers)}: it may be you"
    make = warning if is_forced else stop_flight
    return [make("ssh", text, "--set force=yes if it is meant")]


async def _filter(
    site: Site, wanted: str, network: Network
) -> tuple[Filter | None, list[Preflight]]:
    """Return the filter asked for; else ufw where it is active, else what is here."""
    kinds = list(Filter) if wanted == _AUTO else [Filter(wanted)]
    for kind in kinds:
        tool = "ip6tables" if kind is Filter.IPTABLES and network.version == 6 else kind.value
        try:
            path = site.ports.commands.which(tool)
        except ClientMissing:
            continue
        if kind is not Filter.UFW:
            return kind, [passed("filter", path)]
        ran = await ask(site.ports, ("ufw", "status"))
        if any(line.strip() == "Status: active" for line in ran.output):
            return kind, [passed("filter", f"{path}, active")]
        if wanted != _AUTO:
            said = " ".join(ran.lines) or "it says nothing"
            return None, [stop_flight("filter", f"ufw is not active: {said}", "ufw enable")]
    names = " nor ".join(kind.value for kind in kinds)
    return None, [stop_flight("filter", f"neither {names} is installed here")]


async def _chains(
    site: Site, kind: Filter, network: Network
) -> tuple[tuple[str, ...], list[Preflight]]:
    """Return the chains to block in, and what speaks against it."""
    chains = [_NFT_CHAIN if kind is Filter.NFT else _INPUT]
    try:
        lines = await listed(site.ports, kind, network.version, chains[0])
    except ClientError as error:
        return tuple(chains), [stop_flight("filter", str(error), "act as root")]
    if is_blocked(lines, network):
        return tuple(chains), [stop_flight("rules", f"{network} is blocked already")]
    found = [passed("rules", f"{network} is not blocked in {chains[0]}")]
    if kind is Filter.IPTABLES:
        try:
            await listed(site.ports, kind, network.version, _DOCKER_CHAIN)
            chains.append(_DOCKER_CHAIN)  # ports of containers never pass through INPUT
        except ClientError:
            pass
    else:
        found.append(
            warning("containers", "ports that Docker publishes are not covered by this filter")
        )
    return tuple(chains), found


ACTIONS: tuple[Action, ...] = (
    Action(
        "firewall.block",
        "Block an address",
        "block",
        Danger.INTERRUPT,
        _offers,
        _draft,
        (
            Input("address", "address or network, such as 203.0.113.9", is_required=True),
            Input("with", "packet filter", _AUTO, choices=(_AUTO, *(one.value for one in Filter))),
            Input("force", "also private ranges and SSH's own", _NO, choices=(_YES, _NO)),
        ),
    ),
)
