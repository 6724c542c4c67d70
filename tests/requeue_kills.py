"""Requeues killed at random moments, again and again: every letter is always in one place.

Used by `tests/real/test_requeue_kills.py` and by `python -m bench.requeue_kills`.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.model.action import ActionRequest, Phase
from tests.crash_streams import DLQ, EVENTS, client_of, letters, newest
from tests.crashes import Scenario, World

_LEAST_S = 0.3
"""A kill comes at a moment up to here, or to the end of one that nobody kills if that is later:
some before the first letter, some after the last."""


@dataclass(slots=True)
class Toll:
    """What came of the kills."""

    kills: int = 0
    actions: int = 0
    letters: int = 0
    looks: int = 0
    amid: int = 0
    """Kills that found some letters moved and some not."""
    ends: Counter[Phase] = field(default_factory=Counter[Phase])
    wrong: list[str] = field(default_factory=list[str])
    took_s: float = 0.0


def _scenario(count: int) -> Scenario:
    def asked(_folder: Path) -> ActionRequest:
        inputs = (("all", "yes"), ("canary", "no"), ("rate", "1000"))
        return ActionRequest("dlq.requeue", f"shop/{DLQ}", inputs)

    return Scenario(
        "dlq.requeue", lambda folder: letters(folder, count), asked, lambda _folder: None
    )


def _where(client: Any) -> tuple[Counter[int], Counter[int]]:
    """Return the letters that are dead and those that were sent, in one moment."""
    script = "return {redis.call('XRANGE',KEYS[1],'-','+'),redis.call('XRANGE',KEYS[2],'-','+')}"
    dead, sent = client.eval(script, 2, DLQ, EVENTS)
    return _numbers(dead), _numbers(sent)


def _numbers(rows: Any) -> Counter[int]:
    return Counter(json.loads(fields[fields.index(b"data") + 1])["n"] for _, fields in rows)


def kill_requeues(kills: int, count: int, seed: int = 0) -> Toll:
    """Kill until it was done so often; `count` letters in each round."""
    toll, dice, began_s = Toll(), random.Random(seed), time.monotonic()
    longest_s = max(_LEAST_S, _undisturbed_s(count))

    def moment_s() -> float | None:
        return dice.uniform(0, longest_s) if toll.kills < kills else None

    while toll.kills < kills and not toll.wrong:
        with _letters(count) as (world, client):
            toll.letters += count
            _empty(world, client, toll, moment_s, count)
    toll.took_s = time.monotonic() - began_s
    return toll


@contextmanager
def _letters(count: int) -> Generator[tuple[World, Any]]:
    """Have a world with so many letters, and a connection to its server."""
    world = World(_scenario(count))
    server = newest()
    try:
        yield world, client_of(server)
    finally:
        server.stop()
        world.close()


def _undisturbed_s(count: int) -> float:
    """Return how long a requeue takes here and now."""
    with _letters(count) as (world, _client):
        began_s = time.monotonic()
        world.in_process("execute")
        return time.monotonic() - began_s


def _empty(
    world: World, client: Any, toll: Toll, moment_s: Callable[[], float | None], count: int
) -> None:
    """Requeue until none is left, killed on the way."""
    while not toll.wrong:
        toll.actions += 1
        what = "execute"
        while not (world.state.is_ended and world.state.is_audited) and not toll.wrong:
            was_killed = world.in_process(what, kill_after_s=moment_s())
            toll.kills += was_killed
            _judge(world, client, toll, count, was_killed=was_killed)
            what = "execute" if world.state.begun_s is None else "recover"
        toll.ends[world.state.phase] += 1
        if world.state.phase is Phase.NEEDS_HUMAN:
            toll.wrong.append(f"needs a person: {world.state.text}")
        if not client.xlen(DLQ):
            return
        world.action_id = world.confirmed(_scenario(count).request(world.place))


def _judge(world: World, client: Any, toll: Toll, count: int, *, was_killed: bool) -> None:
    dead, sent = _where(client)
    toll.looks += 1
    toll.amid += was_killed and bool(dead) and bool(sent)
    if dead + sent != Counter(range(count)):
        lost = set(range(count)) - set(dead + sent)
        twice = [one for one, times in (dead + sent).items() if times > 1]
        toll.wrong.append(f"lost {sorted(lost)}, doubled {sorted(twice)}")
    if world.crash:
        toll.wrong.append(world.crash)
