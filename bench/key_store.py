"""Ours and the old tool on one store for a long time, kills at every place, and many readers.

`python -m bench.key_store [--steps 10000] [--kills 500] [--readers 200] [--seconds 60] [--seed N]`
"""

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench.key_readers import read_while_written
from core.clients.acting.key_store_writes import PLACES
from tests.key_worlds import Meddling, World


def main() -> None:
    """Run all three and print what came of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--minutes", type=float, default=30.0, help="at most, for steps and kills")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    until_s = time.monotonic() + given.minutes * 60
    with tempfile.TemporaryDirectory(prefix="qd-keys-") as folder:
        print(_walked(Path(folder), given.steps, given.seed, until_s), flush=True)
    with tempfile.TemporaryDirectory(prefix="qd-keys-") as folder:
        print(_killed(Path(folder), given.kills, given.seed, until_s), flush=True)
    with tempfile.TemporaryDirectory(prefix="qd-keys-") as folder:
        print(_read(Path(folder), given.readers, given.seconds), flush=True)


def _walked(folder: Path, steps: int, seed_number: int, until_s: float) -> str:
    """Walk at random; a step that breaks an invariant raises."""
    dice = random.Random(seed_number)
    world = World(folder)
    done = 0
    while done < steps and time.monotonic() < until_s:
        _step(world, dice)
        done += 1
        if len(world.model) > 60:
            world.tool_loses(2)
    counts = ", ".join(f"{count} {name}" for name, count in world.seen.most_common())
    return f"steps: {done}, no invariant broken; {counts}"


def _step(world: World, dice: random.Random) -> None:
    def place() -> int:
        return dice.randrange(len(PLACES))

    def meddling() -> Meddling | None:
        is_some = dice.random() < 0.6
        is_off, reopens = dice.random() < 0.4, dice.random() < 0.5
        return Meddling(place(), place(), is_off, reopens) if is_some else None

    number = dice.randrange(1000)
    choices: list[tuple[int, Callable[[], None]]] = [
        (8, lambda: world.switch(number, is_active=number % 2 == 0, meddling=meddling())),
        (4, lambda: world.generate(meddling())),
        (1, lambda: world.kill(number, place(), is_writer=number % 2 == 0)),
        (3, world.tool_generates),
        (2, lambda: world.tool_switches_off(number)),
        (1, lambda: world.tool_loses(number)),
        (2, lambda: world.uses(number)),
    ]
    weights = [weight for weight, _ in choices]
    dice.choices([act for _, act in choices], weights)[0]()


def _killed(folder: Path, kills: int, seed_number: int, until_s: float) -> str:
    """Kill at each place in turn, with and without another writer in the middle."""
    dice = random.Random(seed_number)
    world, struck, at = World(folder), Counter[str](), 0
    while world.seen["killed"] < kills and time.monotonic() < until_s:
        place = at % len(PLACES)
        before = world.seen["killed"]
        world.kill(dice.randrange(1000), place, is_writer=at % 3 == 0)
        struck[PLACES[place]] += world.seen["killed"] - before
        at += 1
        if len(world.model) > 60:
            world.tool_loses(2)
    places = ", ".join(f"{count} at {name}" for name, count in struck.items())
    return f"kills: {world.seen['killed']}, 0 torn, 0 lost, {world.seen['merged']} merged; {places}"


def _read(folder: Path, readers: int, seconds: float) -> str:
    """Let processes read all the time while we and the old tool write."""
    tally = read_while_written(folder, readers, seconds)
    lost = "".join(f"\n  LOST {one}" for one in tally.wrong[:20])
    return f"readers: {readers} for {seconds:g} s, {tally.text}{lost}"


if __name__ == "__main__":
    main()
