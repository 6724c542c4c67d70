"""Dead letters sent back while the executor is killed at random moments, by kill -9.

`python -m bench.requeue_kills [--kills 1000] [--letters 300] [--seed N]`
"""

import argparse

from tests.requeue_kills import kill_requeues


def main() -> None:
    """Run and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--letters", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    toll = kill_requeues(given.kills, given.letters, given.seed)
    ends = ", ".join(f"{count} {phase}" for phase, count in toll.ends.most_common())
    print(f"{toll.kills} kills, {toll.amid} of them amid the letters; {toll.took_s:.0f} s")
    print(f"{toll.letters} letters in {toll.actions} actions: {ends}")
    print(f"{toll.looks} looks at both streams: {'; '.join(toll.wrong) or 'each letter once'}")


if __name__ == "__main__":
    main()
