"""Lines and a table full screen on a terminal, all of them new each time, with and without a veil.

`python -m bench.veil_program SUBJECT ROUNDS FILE`, run by `bench.veil` on a pseudo-terminal.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.widget_program import DiffProgram
from bench.widget_subjects import OurLog, OurTable
from core.keys.redaction import Redactor
from core.model.secret import Secret
from core.model.veil import VEIL
from tui.terminal import erases_in_colour

MODES = ("nothing", "known", "presenting")
KNOWN = 200
_WIDTH = 200
_COUNTED = 3
"""Repaints of a mode that are counted, after one that is not: a change draws everything anew."""
_TEMPLATES = (
    '{day} INFO uvicorn.access 10.0.0.{n}:51{m} - "GET /api/v1/orders/{m}?page={n} HTTP/1.1" 200',
    "{day} ERROR src.trading.engine.order_router order {m} rejected: no such symbol, after {n} ms",
    "{day} INFO request_id=0f8fad5b-d9cb-469f-a165-7086{m}{m} took {n} ms in worker-{n}",
    "{day} DEBUG services.proxy.circuit_breaker payment-service is CLOSED after {n} successes",
    "{day} WARN pool for postgresql://db.internal:5432/orders has {n} of {m} connections in use",
    '{day} INFO {{"event": "cache_hit", "key": "user:{m}:profile", "ttl_s": {n}, "ok": true}}',
    "{day} INFO image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0{m} pulled",
    "{day} INFO reading /home/deploy/services/api-gateway/releases/current/src/main_{m}.py",
    "{day} WARN token bucket of 203.0.113.{n} is empty: 429 for the next {m} ms",
)


def lines_of(turn: int, count: int) -> list[str]:
    """Return lines as services write them, none like any before; one in fifty has a secret."""
    lot = random.Random(turn)
    made: list[str] = []
    for at in range(count):
        n, m = lot.randrange(1, 255), lot.randrange(1000, 9999)
        text = lot.choice(_TEMPLATES).format(day=f"2026-03-01T02:59:{at:02}.{m}Z", n=n, m=m)
        while len(text) < _WIDTH - 60:
            text += f" step={lot.choice(('read', 'checked', 'written'))} rows={m} took={n}ms"
        if lot.randrange(50) == 0:
            text += f" password={lot.randbytes(9).hex()}"
        made.append(text[:_WIDTH])
    return made


def veils() -> dict[str, Redactor | None]:
    """Return what hides in each mode; presenting knows the same values."""
    lot = random.Random(7)
    known = Redactor(Secret(f"key_{lot.randbytes(24).hex()}") for _ in range(KNOWN))
    return dict(zip(MODES, (None, known, known.presenting(is_on=True)), strict=True))


class VeilProgram(DiffProgram):
    """Draws everything anew, in each mode by turns."""

    prepare: Callable[[int], Callable[[], object]]
    """Return what draws one turn; what it does itself is not counted."""
    rounds: int
    cpu_ms: dict[str, list[float]]

    async def _run(self) -> None:
        self.cpu_ms = {mode: [] for mode in MODES}
        found, turn = veils(), 0
        await self._quiet()
        for _ in range(self.rounds):
            for mode in MODES:
                VEIL.redacting = found[mode]
                for is_counted in (False, *(True,) * _COUNTED):
                    turn += 1
                    used_ms = await self._drawn(turn)
                    if is_counted:
                        self.cpu_ms[mode].append(used_ms)
        self.exit()

    async def _drawn(self, turn: int) -> float:
        """Return CPU ms of drawing one turn."""
        draw = self.prepare(turn)
        cpu_s = time.process_time()
        draw()
        overhead_s = await self._quiet()
        return (time.process_time() - cpu_s - overhead_s) * 1000


def main() -> None:
    """Measure one subject and write its medians down."""
    name, rounds, path = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    program = VeilProgram(erases_in_colour=erases_in_colour())
    program.steps, program.rounds = [], rounds
    subject = OurLog() if name == "lines" else OurTable(100)
    program.subject = subject
    if isinstance(subject, OurLog):
        program.prepare = lambda turn: partial(subject.append, lines_of(turn, 60))
    else:
        subject.empty()
        subject.load()
        program.prepare = lambda turn: partial(subject.change_cells_in_sight, turn)
    program.run()
    medians = {mode: statistics.median(taken) for mode, taken in program.cpu_ms.items()}
    path.write_text(json.dumps(medians), encoding="utf-8")


if __name__ == "__main__":
    main()
