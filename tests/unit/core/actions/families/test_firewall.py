"""Blocking an address: whose it may be, with which filter, and taken back exactly."""

import pytest

from core.actions.action import Draft
from core.actions.families.firewall import ACTIONS
from core.actions.families.firewall_calls import listing, removing
from core.actions.part import Sight
from core.actions.verdicts.blocking import (
    Filter,
    network_of,
    parse_ssh_peers,
    reason_against,
    rules_of,
)
from core.clients.acting.commands import Order, Ran
from core.errors import ActionError
from core.model.text import clean, clean_lines
from tests.fakes.acting_commands import ran
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored, warnings
from tests.fakes.world import service

STRANGER = "203.0.113.9"
SSH = (
    '0      0      192.0.2.1:22     198.51.100.7:51234 users:(("sshd",pid=812,fd=4))\n'
    '0      0      192.0.2.1:2222   203.0.113.80:40000 users:(("sshd",pid=813,fd=4))\n'
    "0      0      [2001:db8::1]:22 [2001:db8::7]:51234\n"
    "0      0      [::ffff:192.0.2.1]:22 [::ffff:198.51.100.9]:1\n"
    '0      0      192.0.2.1:443    203.0.113.9:1234 users:(("nginx",pid=9,fd=4))\n'
)


class Tables:
    """iptables in memory: two chains, rules as `-S` prints them."""

    def __init__(self, ground: Ground, *chains: str) -> None:
        self.chains: dict[str, list[str]] = {chain: [] for chain in chains}
        self.is_root = True
        ground.commands.missing = {"ufw", "nft"}
        ground.commands.answers = {
            ("iptables",): self._run, ("ip6tables",): self._run,
            ("ss",): ran(0, SSH),
        }  # fmt: skip

    def _run(self, order: Order) -> Ran:
        _, _, _, verb, chain, *words = order.argv
        if not self.is_root:
            return ran(4, "", "iptables: Permission denied (you must be root)")
        if chain not in self.chains:
            return ran(1, "", "iptables: No chain/target/match by that name.")
        rules = self.chains[chain]
        if verb == "-S":
            return ran(0, "\n".join([f"-P {chain} ACCEPT", *rules]))
        text = " ".join(words[1:] if verb == "-I" else words)
        address = text.split()[1]
        line = f"-A {chain} {text}".replace(address, address if "/" in address else f"{address}/32")
        if verb == "-I":
            rules.insert(0, line)
        else:
            rules.remove(line)
        return ran(0)


@pytest.fixture
def ground() -> Ground:
    return Ground()


async def draft_of(ground: Ground, address: str = STRANGER, **inputs: str) -> Draft:
    given = {name.rstrip("_"): value for name, value in inputs.items()}
    site = ground.site(service("api"))
    return await drafted(ACTIONS, site, "firewall.block", "shop/host", address=address, **given)


async def test_an_address_is_blocked_before_all_other_rules_and_in_dockers_chain(
    ground: Ground,
) -> None:
    tables = Tables(ground, "INPUT", "DOCKER-USER")
    tables.chains["INPUT"] = ["-A INPUT -j ACCEPT"]
    draft = await draft_of(ground)
    assert stops(draft) == []
    assert await carry_out(draft, ground.ports) == ("verified", "")
    first = tables.chains["INPUT"][0]
    assert first.startswith(f"-A INPUT -s {STRANGER}/32 -m comment --comment quarterdeck-")
    assert len(tables.chains["INPUT"]) == 2
    assert len(tables.chains["DOCKER-USER"]) == 1
    assert draft.preview[0].startswith(f"$ iptables -w 5 -I INPUT 1 -s {STRANGER}/32")


async def test_undone_exactly_that_rule_is_gone(ground: Ground) -> None:
    tables = Tables(ground, "INPUT")
    tables.chains["INPUT"] = [f"-A INPUT -s {STRANGER}/32 -p tcp -j LOG", "-A INPUT -j ACCEPT"]
    before = list(tables.chains["INPUT"])
    step, work = stored((await draft_of(ground)).steps[0].step), FakeWork()
    await step.undo(ground.ports, work)
    await step.apply(ground.ports, work)
    await step.apply(ground.ports, work)
    assert (await step.observe(ground.ports)).sight is Sight.AFTER
    assert len(tables.chains["INPUT"]) == 3, "applied twice it is there once"
    await step.undo(ground.ports, work)
    assert tables.chains["INPUT"] == before
    assert (await step.observe(ground.ports)).sight is Sight.BEFORE


async def test_a_rule_of_our_mark_for_something_else_is_neither(ground: Ground) -> None:
    tables = Tables(ground, "INPUT")
    step = stored((await draft_of(ground)).steps[0].step)
    await step.apply(ground.ports, FakeWork())
    tables.chains["INPUT"][0] = tables.chains["INPUT"][0].replace(STRANGER, "203.0.113.10")
    assert (await step.observe(ground.ports)).sight is Sight.NEITHER


async def test_an_exit_of_0_that_did_nothing_is_seen(ground: Ground) -> None:
    Tables(ground, "INPUT")
    draft = await draft_of(ground)
    ground.commands.answers[("iptables", "-w", "5", "-I")] = ran(0)
    assert (await carry_out(draft, ground.ports))[0] == "rolled_back"


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("127.0.0.1", "this machine itself"), ("10.1.2.3", "private"),
        ("192.168.0.0/24", "private"),
        ("100.64.0.1", "private"), ("169.254.1.1", "link-local"), ("224.0.0.1", "multicast"),
        ("0.0.0.0/0", "wider than /24"), ("203.0.0.0/16", "wider than /24"), ("::1", "itself"),
        ("fd00::1", "private"), ("::/0", "wider than /48"), ("0.0.0.0", "nobody"),
    ],
)  # fmt: skip
async def test_what_is_ours_is_not_blocked_unless_somebody_insists(
    ground: Ground, address: str, text: str
) -> None:
    Tables(ground, "INPUT")
    assert text in stops(await draft_of(ground, address))[0]
    forced = await draft_of(ground, address, force="yes")
    assert stops(forced) == []
    assert text in warnings(forced)[0]


@pytest.mark.parametrize(
    "address", ["198.51.100.7", "198.51.100.0/24", "203.0.113.80", "2001:db8::7", "198.51.100.9"]
)
async def test_whoever_is_connected_by_ssh_is_not_blocked(ground: Ground, address: str) -> None:
    Tables(ground, "INPUT")
    assert "somebody is connected by SSH from" in stops(await draft_of(ground, address))[0]


@pytest.mark.parametrize(
    "address",
    ["", "-j ACCEPT", "--help", "203.0.113.9; reboot", "203.0.113.9/8", "host.example", "1.2.3",
     "203.0.113.9\n", "0x7f000001", "203.0.113.009"],
)  # fmt: skip
async def test_what_is_no_address_never_reaches_a_command_line(
    ground: Ground, address: str
) -> None:
    Tables(ground, "INPUT")
    with pytest.raises(ActionError, match="no address"):
        await draft_of(ground, address)
    assert not [one for one in ground.commands.orders if one.argv[0] == "iptables"]


async def test_a_block_that_is_there_already_is_not_made_again(ground: Ground) -> None:
    tables = Tables(ground, "INPUT")
    tables.chains["INPUT"] = [f"-A INPUT -s {STRANGER}/32 -j DROP"]
    assert stops(await draft_of(ground)) == [f"{STRANGER}/32 is blocked already"]


async def test_without_rights_or_tools_the_plan_says_so(ground: Ground) -> None:
    tables = Tables(ground, "INPUT")
    tables.is_root = False
    assert "may be used by root only" in stops(await draft_of(ground))[0]
    ground.commands.missing = {"ufw", "nft", "iptables"}
    assert "neither ufw nor iptables nor nft is installed here" in stops(await draft_of(ground))


async def test_ufw_is_used_where_it_is_active(ground: Ground) -> None:
    rules: list[str] = []

    def run(order: Order) -> Ran:
        if order.argv[1] == "status":
            return ran(0, "\n".join(["Status: active", "", *rules]))
        if order.argv[1] == "prepend":
            rules.append(f"Anywhere                   DENY        {STRANGER}    # {order.argv[-1]}")
        else:
            assert order.argv == ("ufw", "--force", "delete", "deny", "from", f"{STRANGER}/32")
            rules.clear()
        return ran(0, "Rule added")

    ground.commands.answers = {("ufw",): run, ("ss",): ran(0, "")}
    draft = await draft_of(ground)
    assert await carry_out(draft, ground.ports) == ("verified", "")
    assert "ports that Docker publishes are not covered by this filter" in warnings(draft)
    await stored(draft.steps[0].step).undo(ground.ports, FakeWork())
    assert rules == []


async def test_nft_gets_a_table_of_our_own_and_removes_by_handle(ground: Ground) -> None:
    rules: list[str] = []
    is_made = False

    def run(order: Order) -> Ran:
        nonlocal is_made
        words = order.argv[1:]
        if words[:2] == ("-a", "list"):
            made = ran(0, "\n".join(["table inet quarterdeck {", *rules, "}"]))
            return made if is_made else ran(1, "", "Error: No such file or directory")
        if words[:2] == ("add", "rule"):
            rules.append(f"  ip saddr {STRANGER} drop comment {words[-1]} # handle 7")
        if words[:2] == ("delete", "rule"):
            assert words[-2:] == ("handle", "7")
            rules.clear()
        is_made = True
        return ran(0)

    ground.commands.missing = {"ufw", "iptables"}
    ground.commands.answers = {("nft",): run, ("ss",): ran(0, "")}
    draft = await draft_of(ground)
    assert await carry_out(draft, ground.ports) == ("verified", "")
    await stored(draft.steps[0].step).undo(ground.ports, FakeWork())
    assert rules == []


def test_peers_of_ssh_are_read_whatever_port_it_listens_on() -> None:
    assert parse_ssh_peers(clean_lines(SSH)) == (
        "198.51.100.7", "203.0.113.80", "2001:db8::7", "198.51.100.9",
    )  # fmt: skip
    assert parse_ssh_peers(clean_lines("nonsense\n\na b c d")) == ()


def test_a_mark_is_not_found_inside_another() -> None:
    line = clean("-A INPUT -s 1.2.3.4/32 -m comment --comment quarterdeck-ab12 -j DROP")
    assert rules_of(Filter.IPTABLES, (line,), "quarterdeck-ab12")
    assert not rules_of(Filter.IPTABLES, (line,), "quarterdeck-ab1")


def test_ipv6_has_its_own_tool() -> None:
    network = network_of("2001:db8::7")
    assert network is not None
    assert reason_against(network) == ""
    assert listing(Filter.IPTABLES, 6, "INPUT")[0] == "ip6tables"
    assert removing(Filter.IPTABLES, network, "INPUT", "m", "")[0] == "ip6tables"
