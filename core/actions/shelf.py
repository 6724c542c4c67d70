"""All actions of this machine: their folders, newest first, and whether somebody is at them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from core.actions.folder import ActionFolder
from core.actions.ids import is_id, only_one
from core.actions.journal import read_journal
from core.actions.replay import replay
from core.errors import ActionError
from core.model.action_state import ActionState, ProcessRun
from core.model.text import SafeText, clean

Alive = Callable[[ProcessRun], bool]
"""Tells whether an executor lives: exactly this run of it, on this boot."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A folder that is no action as this version knows them."""

    action_id: str
    problem: SafeText


class Shelf:
    """Reads action folders; what has ended is read once.

    Args:
        folder: Holds one folder per action.
        is_alive: Looks at processes.
    """

    def __init__(self, folder: Path, is_alive: Alive) -> None:
        self.folder = folder
        self._is_alive = is_alive
        self._ended: dict[str, ActionState] = {}

    def ids(self) -> list[str]:
        """Return the ids of all actions, the newest first."""
        try:
            found = [one.name for one in self.folder.iterdir() if is_id(one.name)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ActionError(f"{self.folder} cannot be read: {error.strerror}") from error
        return sorted(found, reverse=True)

    def at(self, action_id: str) -> ActionFolder:
        """Return an action's folder; a unique beginning of its id is enough.

        Raises:
            ActionError: there is none, or several begin so.
        """
        found = only_one(self.ids(), action_id, "action", "quarterdeck actions")
        return ActionFolder(self.folder / found)

    def state(self, action_id: str) -> ActionState:
        """Return where an action stands.

        Raises:
            ActionError: its folder cannot be read.
        """
        known = self._ended.get(action_id)
        if known is not None:
            return known
        state = self._replayed(ActionFolder(self.folder / action_id))
        if state.is_ended and state.is_audited and not state.is_blocking and not state.is_alive:
            self._ended[action_id] = state
        return state

    def _replayed(self, folder: ActionFolder) -> ActionState:
        plan, entries = folder.plan(), read_journal(folder.path)
        while True:
            state = replay(plan, entries, is_confirmed=folder.confirmation() is not None)
            if state.executor is None or self._is_alive(state.executor):
                return replace(state, is_alive=state.executor is not None)
            # It may have written its end, and gone, since the journal was read.
            now = read_journal(folder.path)
            if now == entries:
                return state
            entries = now

    def begun(self, limit: int = 500) -> tuple[tuple[ActionState, ...], tuple[Unreadable, ...]]:
        """Return the newest actions that were begun, and folders that make no sense."""
        states: list[ActionState] = []
        odd: list[Unreadable] = []
        for one in self.ids():
            if len(states) >= limit:
                break
            try:
                state = self.state(one)
            except ActionError as error:
                odd.append(Unreadable(one, clean(str(error))))
                continue
            if state.begun_s is not None:
                states.append(state)
        return tuple(states), tuple(odd)

    def blocking(self, locks: Iterable[str], but: str = "") -> ActionState | None:
        """Return an unfinished action that any of these targets belongs to."""
        wanted = set(locks)
        for state in self.begun()[0]:
            if state.plan.id != but and state.is_blocking and wanted & set(state.plan.locks):
                return state
        return None
