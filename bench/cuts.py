"""Connections cut at random moments of an action, over a real sshd (`QD_TEST_SSH_CONFIG`).

`python -m bench.cuts [--rounds N] [--seed N]`
"""

import argparse
import random

from tests.cuts import Cuts, cut_off


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance, cuts = random.Random(given.seed), Cuts()
    for number in range(given.rounds):
        cuts.add(cut_off(("client", "server")[number % 2], chance))
    print(f"{cuts.rounds} cuts; the console was gone after {cuts.slowest_s:.2f} s at most")
    for one in cuts.wrong[:20]:
        print(f"  WRONG {one}")


if __name__ == "__main__":
    main()
