"""Blocks an address in one chain of a packet filter; undone by removing exactly that rule."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.firewall_calls import adding, listing, removing
from core.actions.part import BareStep, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.verdicts.blocking import Filter, Network, Rule, network_of, rules_of
from core.actions.work import Work
from core.clients.acting.commands import Order, Ran
from core.errors import ClientDenied, ClientGarbled, StepFailedError
from core.model.text import SafeText, clean

_DEADLINE_S = 20.0
_NOT_YET = "No such file or directory"
"""nft, of a table that nobody has made."""


async def ask(ports: Ports, argv: tuple[str, ...]) -> Ran:
    """Run one of the filters' tools."""
    return await ports.commands.run(Order(argv, _DEADLINE_S, ok_exits=tuple(range(256))))


async def listed(ports: Ports, kind: Filter, version: int, chain: str) -> tuple[SafeText, ...]:
    """Return the rules of a chain, as they are listed.

    Raises:
        ClientDenied: this user may not see them.
        ClientGarbled: they cannot be listed.
    """
    ran = await ask(ports, listing(kind, version, chain))
    if ran.exit_code == 0:
        return ran.output
    said = " ".join(ran.lines)
    if kind is Filter.NFT and _NOT_YET in said:
        return ()
    if "ermission" in said or "must be root" in said or "not permitted" in said:
        raise ClientDenied(f"{kind} may be used by root only: {clean(said, 200)}")
    raise ClientGarbled(f"{kind} does not list {clean(chain)}: {clean(said, 200) or 'no words'}")


@part
@dataclass(frozen=True, slots=True)
class BlockAddress(BareStep):
    """Drops everything that comes from a network."""

    kind: ClassVar[str] = "firewall.block"
    can_undo: ClassVar[bool] = True
    filter: str
    network: str
    chain: str
    mark: str
    """A comment that no other rule has."""

    async def observe(self, ports: Ports) -> Seen:
        """Look for the rule by its mark."""
        found = await self._rules(ports)
        if not found:
            return Seen(Sight.BEFORE, clean(f"no rule of {self.mark} in {self.chain}"))
        is_ours = len(found) == 1 and self._names(found[0])
        return Seen(Sight.AFTER if is_ours else Sight.NEITHER, clean(found[0].line))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Add it, unless it is there."""
        if await self._rules(ports):
            return
        kind, network = Filter(self.filter), self._network()
        for argv in adding(kind, network, self.chain, self.mark):
            ran = await ask(ports, argv)
            work.say(clean(f"{' '.join(argv)}: exit {ran.exit_code}"))
            if ran.exit_code:
                raise StepFailedError(clean(f"{argv[0]}: {' '.join(ran.lines) or 'it failed'}"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove it, and no other."""
        kind, network = Filter(self.filter), self._network()
        for rule in await self._rules(ports):
            argv = removing(kind, network, self.chain, self.mark, rule.handle)
            ran = await ask(ports, argv)
            if ran.exit_code:
                raise StepFailedError(clean(f"{argv[0]}: {' '.join(ran.lines) or 'it failed'}"))

    async def _rules(self, ports: Ports) -> tuple[Rule, ...]:
        kind = Filter(self.filter)
        lines = await listed(ports, kind, self._network().version, self.chain)
        return rules_of(kind, lines, self.mark)

    def _names(self, rule: Rule) -> bool:
        """Tell whether a rule is about our network, however the tool writes it."""
        network = self._network()
        names = {str(network)}
        if network.num_addresses == 1:
            names.add(str(network.network_address))
        return bool(names & set(rule.line.split()))

    def _network(self) -> Network:
        found = network_of(self.network)
        if found is None:
            raise StepFailedError("the plan's address is none")
        return found
