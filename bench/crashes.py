"""The crash matrix: every family × every place × every place of the recovery, by kill -9.

`python -m bench.crashes [SCENARIO…] [--seconds] [--random N] [--minutes N]`
"""

import argparse
import random
import time

from tests.crash_every import those_here
from tests.crashes import at_random, matrix


def main() -> None:
    """Run the scenarios and print what came of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seconds", action="store_true", help="kill the recovery as well")
    parser.add_argument("--random", type=int, default=0, help="so many kills at any moment instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0)
    given = parser.parse_args()
    until_s = time.monotonic() + given.minutes * 60
    scenarios, absent = those_here(given.names)
    for line in absent:
        print(line)
    for scenario in scenarios:
        if given.random:
            tally = at_random(scenario, given.random, random.Random(given.seed), until_s)
        else:
            tally = matrix(scenario, seconds=given.seconds, until_s=until_s)
        ends = ", ".join(f"{count} {phase}" for phase, count in tally.ends.most_common())
        places = f"{len(tally.struck)} places"
        print(
            f"{scenario.name}: {tally.runs} runs, {tally.kills} kills at {places}; {ends}",
            flush=True,
        )
        for one in tally.wrong[:20]:
            print(f"  WRONG {one}")


if __name__ == "__main__":
    main()
