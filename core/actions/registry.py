"""Every kind of action there is, by its id."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module

from core.actions.action import Action

_FAMILIES = (
    "services",
    "compose",
    "images",
    "scale",
    "releases",
    "files",
    "logs",
    "backups",
    "restore",
    "redis_save",
    "stream",
    "stream_groups",
    "stream_entries",
    "dlq",
    "redis_config",
    "redis_flush",
    "limit",
    "circuit",
    "token",
    "key",
    "secret",
    "audit_scan",
    "commands",
    "housekeeping",
    "probes",
    "triggers",
    "firewall",
    "chaos",
)
"""In the order in which they are offered."""


def all_actions() -> Mapping[str, Action]:
    """Load the families and return their actions; their parts are known from then on.

    Raises:
        TypeError: two families have an action of the same id.
    """
    found: dict[str, Action] = {}
    for name in _FAMILIES:
        own: tuple[Action, ...] = import_module(f"core.actions.families.{name}").ACTIONS
        for one in own:
            if found.setdefault(one.id, one) is not one:
                raise TypeError(f"two actions are called {one.id!r}")
    return found


class LateActions(Mapping[str, Action]):
    """All actions and some more; their families are loaded when somebody first looks for one.

    Whoever only tells of past actions never looks, and does without a hundred modules.

    Args:
        more: Actions of no family.
    """

    def __init__(self, *more: Action) -> None:
        self._more = more

    @cached_property
    def _found(self) -> Mapping[str, Action]:
        return {**all_actions(), **{one.id: one for one in self._more}}

    def __getitem__(self, name: str) -> Action:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
