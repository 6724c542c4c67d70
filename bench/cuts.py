"""Connections cut at random moments of every family's actions, over a real sshd.

`QD_TEST_SSH_CONFIG=… python -m bench.cuts [SCENARIO…] [--rounds N] [--seconds N] [--seed N]`

The scenarios take turns, so that whenever the time is up each has had as many as the others.
"""

import argparse
import random
import time
from collections.abc import Mapping

import pexpect

from tests.crash_every import those_here
from tests.cuts import Cuts, Planned, cut_off

_HEADER = (
    "| family | scenarios | cuts | amid the action | console gone after, at most | wrong |\n"
    "|---|---|---|---|---|---|"
)
_GONE_S = 1.0
"""A console whose connection is cut is gone within a second."""


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="of scenarios; default: all")
    parser.add_argument("--rounds", type=int, default=50, help="for each scenario, at the most")
    parser.add_argument("--seconds", type=float, default=1800.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    until_s, chance = time.monotonic() + given.seconds, random.Random(given.seed)
    wanted, absent = those_here(given.names)
    planned = [Planned.of(one) for one in wanted]
    table = {one.name: Cuts() for one in wanted}
    for number in range(given.rounds):
        for one in planned:
            if time.monotonic() > until_s:
                break
            how = ("client", "server")[number % 2]
            cuts = table[one.scenario.name]
            try:
                cuts.add(cut := cut_off(one, how, chance))
                if cut.gone_s > _GONE_S:
                    cuts.wrong.append(f"{one.scenario.name}: gone after {cut.gone_s:.2f} s")
            except (TimeoutError, pexpect.ExceptionPexpect) as error:
                cuts.wrong.append(f"{one.scenario.name}: it came to no cut: {error}")
    for line in absent:
        print(line)
    print(_HEADER)
    for line in _rows(table):
        print(line)
    for cuts in table.values():
        for wrong in cuts.wrong[:20]:
            print(f"  WRONG {wrong}")


def _rows(table: Mapping[str, Cuts]) -> list[str]:
    """Return a line for each family, and one for all."""
    families = dict.fromkeys(name.partition(".")[0] for name in table)
    lines = [
        _row(one, [cuts for name, cuts in table.items() if name.partition(".")[0] == one])
        for one in families
    ]
    return [*lines, _row("all", list(table.values()))]


def _row(name: str, several: list[Cuts]) -> str:
    return (
        f"| {name} | {len(several)} | {sum(one.rounds for one in several)} "
        f"| {sum(one.amid for one in several)} "
        f"| {max(one.slowest_s for one in several):.2f} s "
        f"| {sum(len(one.wrong) for one in several)} |"
    )


if __name__ == "__main__":
    main()
