"""Races for one target: 2 to 8 executors let go at once, many rounds.

`python -m bench.races [--rounds N]`
"""

import argparse

from tests.races import Races, race


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    races = Races()
    for number in range(parser.parse_args().rounds):
        races.add(race(2 + number % 7))
    print(
        f"{races.rounds} rounds, {races.starts} starts, {races.close} rounds within 5 ms and all "
        f"within {races.widest_s * 1000:.1f} ms: {races.held} were told who holds it, "
        f"{races.stale} that it had changed"
    )
    for one in races.wrong[:20]:
        print(f"  WRONG {one}")


if __name__ == "__main__":
    main()
