"""Following an action to its end from outside; leaving changes nothing, it runs elsewhere."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.model.action_state import ActionState, ProcessRun

if TYPE_CHECKING:
    from core.actions.desk import ActionDesk

_LOOK_S = 0.1
_START_S = 20.0
"""An executor that has written nothing by then did not start."""
_READ_BYTES = 256 * 1024


async def follow(
    desk: "ActionDesk",
    action_id: str,
    tell: Callable[[ActionState, str], None],
    dead: ProcessRun | None = None,
) -> ActionState:
    """Tell of every change and every line of output until nobody is at it any more.

    `dead` is the process that left the action, where another one has been started to finish it.
    """
    output = desk.shelf.at(action_id).output
    at_byte, waited = 0, 0.0
    while True:
        # Read the state first: what was written before the end is then in the output.
        state = await asyncio.to_thread(desk.shelf.state, action_id)
        text, at_byte = await asyncio.to_thread(_new_text, output, at_byte)
        tell(state, text)
        while text:  # a program may print more between two looks than is read at once
            text, at_byte = await asyncio.to_thread(_new_text, output, at_byte)
            tell(state, text)
        is_begun = state.begun_s is not None and state.executor != dead
        if (is_begun and not state.is_alive) or (not is_begun and waited > _START_S):
            return state
        waited += _LOOK_S
        await asyncio.sleep(_LOOK_S)


def _new_text(path: Path, at_byte: int) -> tuple[str, int]:
    """Return whole lines beyond a byte, and where they end."""
    try:
        with path.open("rb") as file:
            file.seek(at_byte)
            data = file.read(_READ_BYTES)
    except FileNotFoundError:
        return "", at_byte
    whole = data.rfind(b"\n") + 1
    return data[:whole].decode("utf-8", "replace"), at_byte + whole
