"""Fifty planted secrets through everything that can be done, round after round: what leaks?

`python -m bench.canaries [--minutes N] [--seed N]`: each round has a world and a Redis server of
its own, does every action that can be done there, undoes some, kills some, recovers them, calls
every verb, and goes through every screen, presenting or not; then it looks through what came out.
"""

import argparse
import tempfile
import time
from pathlib import Path

from bench.canary_sampler import sampled
from bench.canary_tour import Findings, Tour
from bench.canary_world import PASSWORD, CanaryWorld, make_world

_COLUMNS = (160, 90)


def main() -> None:
    """Go round until the time is over; end with 1 where anything leaked."""
    parser = argparse.ArgumentParser(prog="python -m bench.canaries", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1000)
    given = parser.parse_args()
    until_s, findings, rounds = time.monotonic() + given.minutes * 60, Findings(), 0
    while rounds == 0 or time.monotonic() < until_s:
        with tempfile.TemporaryDirectory(prefix="qd-canaries-") as folder:
            world = make_world(Path(folder), given.seed + rounds)
            try:
                one_round(world, findings, until_s, _COLUMNS[rounds % 2])
            finally:
                world.close()
        rounds += 1
        print(f"round {rounds}: {len(findings.leaks)} leaks", flush=True)
    print(report(findings, rounds))
    raise SystemExit(1 if findings.leaks else 0)


def one_round(world: CanaryWorld, findings: Findings, until_s: float, columns: int) -> None:
    """Do everything once; what has not begun when the time is over is left out."""
    tour = Tour(world, findings, until_s)
    parts = (
        lambda: tour.console("off", columns),
        tour.crash,
        tour.actions,
        tour.verbs,
        lambda: tour.console("presenting", columns),
    )
    with sampled() as seen:
        for part in parts:
            if time.monotonic() < until_s:
                part()
    tour.files()
    tour.look("command lines", "\n".join(seen.command_lines))
    # Whoever starts the console has the configuration's variable, and who they start with it.
    others = (one for one in seen.environments if PASSWORD not in one)
    tour.look("environments", "\n".join(others))
    findings.done[f"looks at all processes as uid {seen.uid}"] += seen.looks
    findings.done["command lines seen"] += len(seen.command_lines)
    findings.done["environments seen"] += len(seen.environments)


def report(findings: Findings, rounds: int) -> str:
    """Render what was done, what was looked through, and what leaked."""
    done = ", ".join(f"{count} {name}" for name, count in sorted(findings.done.items()))
    sizes = ", ".join(f"{name} {size:,}" for name, size in sorted(findings.texts.items()))
    lines = [f"rounds: {rounds}", f"done: {done}", f"characters looked through: {sizes}"]
    lines += [f"LEAK {place}: {form}, {begin}…" for place, form, begin in sorted(findings.leaks)]
    return "\n".join((*lines, f"leaks: {len(findings.leaks)}"))


if __name__ == "__main__":
    main()
