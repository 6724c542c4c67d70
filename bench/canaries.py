"""Fifty planted secrets through everything that can be done, round after round: what leaks?

`python -m bench.canaries [--minutes N] [--seed N]`: each round has a world and a Redis server of
its own, does every action that can be done there, undoes some, kills some, recovers them, calls
every verb, and goes through every screen, presenting and not, with a picture of each; then it looks
through what came out. The order of everything is drawn by lot from a seed that is printed.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import redis

from bench.canary_acts import GROUPS
from bench.canary_console import Watcher
from bench.canary_engine import MARK, Engine, own_engine
from bench.canary_findings import Findings, Search
from bench.canary_sampler import sampled
from bench.canary_tour import Tour
from bench.canary_world import PASSWORD, CanaryWorld, make_world
from core.model.action_ids import ACTION_IDS

_COLUMNS = (160, 90, 120)
_BREAKS = (
    AssertionError, OSError, ValueError, LookupError, subprocess.SubprocessError, redis.RedisError,
)  # fmt: skip


def main() -> None:
    """Go round until the time is over; end with 1 where anything leaked or did not come through."""
    parser = argparse.ArgumentParser(prog="python -m bench.canaries", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1000)
    given = parser.parse_args()
    until_s, findings, rounds = time.monotonic() + given.minutes * 60, Findings(), 0
    # Whoever ends it gets its servers and its engine ended too, also where SIGINT is ignored.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    with own_engine() as engine:
        while rounds == 0 or time.monotonic() < until_s:
            seed = given.seed + rounds
            with tempfile.TemporaryDirectory(prefix="qd-canaries-") as folder:
                world = make_world(Path(folder), seed, engine)
                try:
                    one_round(world, findings, until_s, seed)
                finally:
                    world.close()
            rounds += 1
            print(report(findings, rounds, engine), flush=True)
    raise SystemExit(1 if findings.leaks or findings.broken else 0)


def one_round(world: CanaryWorld, findings: Findings, until_s: float, seed: int) -> None:
    """Do everything once; what has not begun when the time is over is left out."""
    lot, search = random.Random(seed), Search(world, findings)
    tour = Tour(world, search, findings, lot, until_s)
    columns = lot.sample(_COLUMNS, 2)
    watcher = Watcher(world, search, random.Random(seed + 1))
    groups = lot.sample(GROUPS, len(GROUPS))

    def acts() -> None:
        with _beside(watcher, columns[0], findings, presents=bool(seed % 2)):
            for group in groups:
                _part(findings, group.__name__, lambda one=group: one(tour))

    def looks() -> None:
        watcher.sit(
            columns[1], presents=not seed % 2, acts=False,
            goes_on=lambda: not tour.is_over,
        )  # fmt: skip

    parts = [acts, looks, tour.verbs, tour.crash]
    lot.shuffle(parts)
    order = ", ".join([*(one.__name__ for one in parts), *(one.__name__ for one in groups)])
    print(f"seed {seed}: {order}", flush=True)
    with sampled() as seen:
        for part in parts:
            if not tour.is_over:
                _part(findings, part.__name__, part)
        _part(findings, "journals", tour.journals)
    tour.files()
    search.look("command lines", "\n".join(seen.command_lines))
    # Whoever starts the console has the configuration's variable, and who they start with it; a
    # container has what its project gives it.
    others = (one for one in seen.environments if PASSWORD not in one and MARK not in one)
    search.look("environments", "\n".join(others))
    findings.done[f"looks at all processes as uid {seen.uid}"] += seen.looks
    findings.done["command lines seen"] += len(seen.command_lines)
    findings.done["environments seen"] += len(seen.environments)


@contextmanager
def _beside(
    watcher: Watcher, columns: int, findings: Findings, *, presents: bool
) -> Generator[None]:
    """Have somebody at a console while the body runs."""
    is_over = threading.Event()

    def sit() -> None:
        while not is_over.is_set():  # one that breaks off is followed by another
            _part(
                findings,
                "a console beside the actions",
                lambda: watcher.sit(
                    columns, presents=presents, acts=True, goes_on=lambda: not is_over.is_set()
                ),
            )

    thread = threading.Thread(target=sit, name="beside")
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _part(findings: Findings, name: str, work: Callable[[], None]) -> None:
    """Do one part of a round; where it breaks off, say so and go on with the next."""
    began_s = time.monotonic()
    try:
        work()
    except _BREAKS as error:
        findings.broken[f"{name}: {type(error).__name__}"] += 1
        print(f"BROKEN {name}:", traceback.format_exc(), flush=True)
    print(f"  {name}: {time.monotonic() - began_s:.0f} s, {len(findings.leaks)} leaks", flush=True)


def report(findings: Findings, rounds: int, engine: Engine | None) -> str:
    """Render what was done, what was looked through, and what leaked."""
    done = ", ".join(f"{count} {name}" for name, count in sorted(findings.done.items()))
    sizes = ", ".join(f"{name} {size:,}" for name, size in sorted(findings.texts.items()))
    acted = ", ".join(f"{count} {name}" for name, count in sorted(findings.carried_out.items()))
    phases = ", ".join(
        f"{count} {name} {phase}" for (name, phase), count in sorted(findings.ended.items())
    )
    ended = {name for (name, _), count in findings.ended.items() if count}
    never = [one for one in ACTION_IDS if one not in findings.carried_out and one not in ended]
    lines = [
        f"rounds: {rounds}{'' if engine else ', without a Docker engine'}",
        f"done: {done}",
        f"characters looked through: {sizes}",
        f"carried out: {acted}",
        f"ended, as the journals say: {phases}",
        f"never carried out: {', '.join(never) or 'none'}",
    ]
    for word, table in (("REFUSED", findings.refused), ("FAILED", findings.failed)):
        lines += [f"{word} {name}, {count}×: {why}" for (name, why), count in sorted(table.items())]
    lines += [f"BROKEN {count}×: {name}" for name, count in sorted(findings.broken.items())]
    lines += [f"LEAK {place}: {form}, {begin}…" for place, form, begin in sorted(findings.leaks)]
    return "\n".join((*lines, f"leaks: {len(findings.leaks)}"))


if __name__ == "__main__":
    main()
