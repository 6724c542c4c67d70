"""Every action killed by kill -9 at every place, and in its recovery: what became of them.

`python -m bench.kills [--family NAME]… [SCENARIO…] [--recoveries N] [--random N] [--minutes N]`

Each family stops beginning runs when its minutes are over. One row for each scenario, as soon as
it is through; one for all at the end.
"""

import argparse
import random
import time
from collections import Counter
from functools import partial

from core.model.action import Phase
from tests.crash_every import FAMILIES
from tests.crashes import Scenario, Sift, Tally, at_random, matrix, one_by_turn

_HEADER = (
    "| scenario | runs | kills | places | done | as it was | needs a person | wrong | seconds |\n"
    "|---|---|---|---|---|---|---|---|---|"
)
_SHOWN = 10


def main() -> None:
    """Run the scenarios and print what came of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="of scenarios; default: all of the families")
    parser.add_argument("--family", action="append", choices=[*FAMILIES], help="default: all")
    parser.add_argument(
        "--recoveries", type=int, default=0, metavar="N",
        help="of each Nth place the recovery is killed too, each time at another place; 0: none",
    )  # fmt: skip
    parser.add_argument("--random", type=int, default=0, help="so many kills at any moment instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=20.0, help="for each family")
    given = parser.parse_args()
    whole = Tally()
    print(_HEADER)
    for family in given.family or FAMILIES:
        until_s = time.monotonic() + given.minutes * 60
        for scenario in FAMILIES[family]:
            if not given.names or scenario.name in given.names:
                _add(whole, _told(scenario, given, until_s))
    print(_row("all", whole, 0.0), flush=True)


def _told(scenario: Scenario, given: argparse.Namespace, until_s: float) -> Tally:
    """Run a scenario and print what came of it."""
    if why := scenario.why_not():
        print(f"{scenario.name}: not run: {why}", flush=True)
        return Tally()
    began_s = time.monotonic()
    if began_s > until_s:
        print(f"{scenario.name}: not run: the time is over", flush=True)
        return Tally()
    if given.random:
        tally = at_random(scenario, given.random, random.Random(given.seed), until_s)
    else:
        tally = matrix(
            scenario, seconds=given.recoveries > 0,
            seconds_sift=partial(_sift, given.recoveries), until_s=until_s,
        )  # fmt: skip
    print(_row(scenario.name, tally, time.monotonic() - began_s), flush=True)
    for one in tally.wrong[:_SHOWN]:
        print(f"  WRONG {one}", flush=True)
    return tally


def _sift(step: int, number: int) -> Sift:
    """Return what chooses the place of a recovery after the place of this number."""
    return (lambda _passed: []) if number % step else one_by_turn(number // step)


def _add(whole: Tally, one: Tally) -> None:
    whole.runs += one.runs
    whole.kills += one.kills
    whole.struck |= one.struck
    whole.ends.update(one.ends)
    whole.wrong += one.wrong


def _row(name: str, tally: Tally, took_s: float) -> str:
    ends: Counter[Phase] = tally.ends
    as_it_was = ends[Phase.ABORTED] + ends[Phase.ROLLED_BACK]
    return (
        f"| {name} | {tally.runs} | {tally.kills} | {len(tally.struck)} | {ends[Phase.COMMITTED]} "
        f"| {as_it_was} | {ends[Phase.NEEDS_HUMAN]} | {len(tally.wrong)} | {took_s:.0f} |"
    )


if __name__ == "__main__":
    main()
