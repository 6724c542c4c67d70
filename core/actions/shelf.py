"""All actions of this machine: their folders, newest first, and whether somebody is at them."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from core.actions.folder import ActionFolder
from core.actions.ids import is_id, made_s, only_one
from core.actions.journal import NAME, is_settled, read_journal
from core.actions.replay import replay
from core.errors import ActionError
from core.model.action_state import ActionState, ProcessRun
from core.model.text import SafeText, clean

Alive = Callable[[ProcessRun], bool]
"""Tells whether an executor lives: exactly this run of it, on this boot."""

_OLD_S = 86_400.0
"""A plan that is so much older than the newest is not begun any more: it lives for minutes."""


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
        self._settled: set[str] = set()
        """Those that will never be anything to anybody again, as their ends tell."""
        self._plans: set[str] = set()
        """Those that made sense and were not begun when they were last looked at."""

    def ids(self) -> list[str]:
        """Return the ids of all actions, the newest first."""
        try:
            found = list(filter(is_id, os.listdir(self.folder)))  # noqa: PTH208 - no path for each
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
        if is_id(action_id) and (self.folder / action_id).exists():
            return ActionFolder(self.folder / action_id)
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
        """Return actions that were begun, and folders that make no sense, the newest first.

        Of those older than the newest `limit`, only what is not over is among them.
        """
        states: list[ActionState] = []
        odd: list[Unreadable] = []
        plans = 0
        for one, newest in self._with_newest():
            is_older = len(states) + len(odd) >= limit
            if is_older and self._is_settled(one, newest):
                continue
            if not self._has_journal(one):
                plans += 1
                if is_older or plans > limit or one in self._plans:
                    continue
            try:
                state = self.state(one)
            except ActionError as error:
                odd.append(Unreadable(one, clean(str(error))))
                continue
            if state.begun_s is None:
                self._plans.add(one)
            else:
                states.append(state)
        return tuple(states), tuple(odd)

    def unfinished(self) -> Iterator[ActionState]:
        """Yield what nobody finishes, or waits for a person, however old; the newest first."""
        for one, newest in self._with_newest():
            if self._is_settled(one, newest) or not self._has_journal(one):
                continue
            with suppress(ActionError):  # what is odd is told where actions are listed
                state = self.state(one)
                if state.is_blocking:
                    yield state

    def blocking(self, locks: Iterable[str], but: str = "") -> ActionState | None:
        """Return an unfinished action that any of these targets belongs to."""
        wanted = set(locks)
        for state in self.unfinished():
            if state.plan.id != but and wanted & set(state.plan.locks):
                return state
        return None

    def _with_newest(self) -> Iterator[tuple[str, str]]:
        """Yield all ids, the newest first, each with the newest."""
        ids = self.ids()
        return ((one, ids[0]) for one in ids)

    def _has_journal(self, action_id: str) -> bool:
        # Without a path object each: there may be very many.
        return action_id in self._ended or os.path.exists(f"{self.folder}/{action_id}/{NAME}")  # noqa: PTH110

    def _is_settled(self, action_id: str, newest: str) -> bool:
        """Tell, mostly without looking, that an action is nothing to anybody any more."""
        if action_id in self._ended or action_id in self._settled:
            return True
        if self._has_journal(action_id):
            is_over = is_settled(f"{self.folder}/{action_id}")
        else:
            is_over = made_s(newest) - made_s(action_id) > _OLD_S
        if is_over:
            self._settled.add(action_id)
        return is_over
