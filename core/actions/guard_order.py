"""What a guardian is told: what to start, and by when; the files that the two sides share."""

import json
from dataclasses import dataclass
from typing import Any

from core.clients.acting.processes import ProcessId
from core.errors import ActionError
from core.model.action import Part

_ALIVE, _DONE = ".alive", ".done"


@dataclass(frozen=True, slots=True)
class GuardOrder:
    """What is done when nobody says in time that it is not needed."""

    action_id: str
    starts: tuple[Part, ...]
    """Steps, frozen; those that are done already are left alone."""
    latest_s: float
    """From here on it is done even while the process that should do it lives; by the clock that
    goes on while the machine sleeps."""
    docker_url: str = ""


def alive_of(order: str) -> str:
    """Return the file in which a guardian says who it is."""
    return f"{order}{_ALIVE}"


def done_of(order: str) -> str:
    """Return the file that tells a guardian that it is not needed any more."""
    return f"{order}{_DONE}"


def order_bytes(order: GuardOrder) -> bytes:
    """Return an order as it is stored."""
    words = {
        "action_id": order.action_id,
        "starts": [[one.kind, one.arguments] for one in order.starts],
        "latest_s": order.latest_s,
        "docker_url": order.docker_url,
    }
    return json.dumps(words).encode()


def parse_order(data: bytes) -> GuardOrder:
    """Return an order again.

    Raises:
        ActionError: it is none.
    """
    try:
        words: Any = json.loads(data)
        starts = tuple(Part(str(kind), str(arguments)) for kind, arguments in words["starts"])
        return GuardOrder(
            str(words["action_id"]), starts, float(words["latest_s"]), str(words["docker_url"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise ActionError("what a guardian was given is no order") from error


def run_bytes(run: ProcessId) -> bytes:
    """Return a process as it is stored."""
    return json.dumps([run.pid, run.start_ticks]).encode()


def parse_run(data: bytes) -> ProcessId | None:
    """Return a process again; None: it is none."""
    try:
        pid, ticks = json.loads(data)
        return ProcessId(int(pid), int(ticks))
    except (ValueError, TypeError):
        return None
