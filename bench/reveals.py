"""A thousand keys made in real consoles: how often does a terminal get each of them?

`python -m bench.reveals [--flows N] [--consoles N] [--seed N]`: each console is kept open for its
flows, on a key store of its own; the last of several runs in a tmux. After each flow everything is
drawn again, at another size too, and its key and all those before are counted in the bytes that the
terminal got: plain, in base64 and in hex, whole and in pieces of eight characters.
"""

import argparse
import multiprocessing
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.reveal_console import Console, Kind, Tally
from bench.reveal_flows import IN_A_TMUX, ON_A_TERMINAL, drawn
from bench.reveal_forms import PLAIN
from bench.reveal_world import RevealWorld

_TOLD_EVERY = 20


def main() -> None:
    """Run the flows and print what came of them; end with 1 where a key came too often."""
    parser = argparse.ArgumentParser(prog="python -m bench.reveals", description=__doc__)
    parser.add_argument("--flows", type=int, default=1000)
    parser.add_argument("--consoles", type=int, default=3)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.flows} flows in {given.consoles} consoles", flush=True)
    whole, began_s = Tally(), time.monotonic()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(given.consoles, mp_context=context) as pool:
        flows = [len(range(at, given.flows, given.consoles)) for at in range(given.consoles)]
        shared = [at > 0 and at == given.consoles - 1 for at in range(given.consoles)]
        seeds = [given.seed + at for at in range(given.consoles)]
        for one in pool.map(run_console, flows, seeds, shared):
            whole += one
    print(report(whole, time.monotonic() - began_s))
    raise SystemExit(1 if whole.wrong else 0)


def run_console(count: int, seed: int, is_shared: bool) -> Tally:
    """Run the flows of one console, told as they go, and return what became of them."""
    lot = random.Random(seed)
    is_shared = is_shared and shutil.which("tmux") is not None
    kinds = IN_A_TMUX if is_shared else ON_A_TERMINAL
    return run_flows(drawn(kinds, count, lot), lot, is_shared=is_shared)


def run_flows(kinds: Sequence[Kind], lot: random.Random, *, is_shared: bool = False) -> Tally:
    """Run flows of these kinds, one after the other, in one console."""
    with tempfile.TemporaryDirectory(prefix="qd-reveals-") as folder:
        console = Console(RevealWorld(Path(folder), is_shared=is_shared), lot)
        try:
            for number, kind in enumerate(kinds, 1):
                told = len(console.tally.wrong)
                console.run(kind)
                for one in console.tally.wrong[told:]:
                    print(f"WRONG {one}", flush=True)
                if number % _TOLD_EVERY == 0:
                    where = "in a tmux" if is_shared else "on a terminal"
                    wrong = len(console.tally.wrong)
                    print(f"{number} of {len(kinds)} flows {where}: {wrong} wrong", flush=True)
        finally:
            console.close()
    return console.tally


def report(tally: Tally, took_s: float) -> str:
    """Render what was done, and how often keys came."""
    rows = ["| flow | flows | keys | never | once | more often | clipboard |", "|---|" + "--:|" * 6]
    for name, flows in sorted(tally.flows.items()):
        counts = {
            (form, count): keys for (kind, form, count), keys in tally.sent.items() if kind == name
        }
        plain = {count: keys for (form, count), keys in counts.items() if form == PLAIN}
        more = sum(keys for count, keys in plain.items() if count > 1)
        copied = sum(keys for (form, count), keys in counts.items() if form != PLAIN and count)
        rows.append(
            f"| {name} | {flows} | {sum(plain.values())} | {plain.get(0, 0)} | {plain.get(1, 0)} "
            f"| {more} | {copied} |"
        )
    rows.append(
        f"{tally.keys} keys in {tally.flows.total()} flows, {tally.output_bytes:,} bytes in "
        f"{took_s:.0f} s; a screen drawn anew took {tally.least_repaint_bytes:,} bytes at least; "
        f"wrong: {len(tally.wrong)}"
    )
    return "\n".join((*rows, *(f"WRONG {one}" for one in tally.wrong)))


if __name__ == "__main__":
    main()
