"""Races for one target: 2 to 8 executors let go at one agreed instant, many rounds.

`python -m bench.races [--close N] [--rounds N] [--minutes N]`: goes on until N rounds were held
whose starts were all within five milliseconds, never beyond the other two.
"""

import argparse
import statistics
import time

from tests.races import Races, race


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--close", type=int, default=200, help="rounds within 5 ms that are wanted")
    parser.add_argument("--rounds", type=int, default=1000, help="rounds at the most")
    parser.add_argument("--minutes", type=float, default=20.0)
    given = parser.parse_args()
    until_s, races = time.monotonic() + given.minutes * 60, Races()
    while races.close < given.close and races.rounds < given.rounds and time.monotonic() < until_s:
        races.add(race(2 + races.rounds % 7))
    print(
        f"{races.close} of {races.rounds} rounds within 5 ms "
        f"(median {statistics.median(races.spreads_s or [0.0]) * 1000:.2f} ms), "
        f"the others within {races.widest_s * 1000:.1f} ms; {races.starts} starts"
    )
    print(
        f"of the losers of close rounds {races.held_close} of {races.losers_close} were told who "
        f"holds it; of all, {races.held} were, and {races.stale} that it had changed"
    )
    print(f"one and only one was carried out: {'in every round' if not races.wrong else 'NO'}")
    for one in races.wrong[:20]:
        print(f"  WRONG {one}")


if __name__ == "__main__":
    main()
