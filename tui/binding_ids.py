"""The ids of all bindings: what a key map may name."""

from textual.binding import Binding, BindingType
from textual.dom import DOMNode

_OURS = frozenset({"tui", "screens", "widgets"})


def known_binding_ids() -> frozenset[str]:
    """Return the ids of all bindings of the console.

    Imports every screen, so it is called only where somebody wrote a key map.
    """
    from screens import (
        actions,
        command,
        confirm,
        host,
        inputs,
        keys,
        limits,
        logs,
        note,
        offers,
        overview,
        reveal,
        secret_entry,
        services,
        streams,
    )
    from screens import help as help_screen

    found: set[str] = set()
    waiting: list[type[DOMNode]] = [DOMNode]
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if one.__module__.partition(".")[0] in _OURS:
            bindings: list[BindingType] = one.__dict__.get("BINDINGS", [])
            found |= {item.id for item in bindings if isinstance(item, Binding) and item.id}
    del actions, command, confirm, host, inputs, keys, limits, logs, note, offers
    del overview, reveal, secret_entry, services, streams, help_screen
    return frozenset(found)
