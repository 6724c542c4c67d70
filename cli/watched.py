"""What a verb works on: the configuration, loaded, and narrowed to the systems asked for."""

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ConfigError
from core.model.text import clean
from core.model.topology import Topology

if TYPE_CHECKING:
    from config.loader import Loaded


def load_topology(config_path: Path | None, systems: Iterable[str] = ()) -> Topology:
    """Return what the configuration asks us to watch; warnings go to stderr.

    Raises:
        ConfigError: there is no configuration, it is wrong, or a system is not in it.
    """
    return load_watched(config_path, systems)[0]


def load_watched(
    config_path: Path | None, systems: Iterable[str] = ()
) -> tuple[Topology, "Loaded"]:
    """Return the same with the configuration itself.

    Raises:
        ConfigError: there is no configuration, it is wrong, or a system is not in it.
    """
    from config.loader import load
    from config.topology import topology_of
    from tui.presenting import hide_known

    loaded = load(config_path, os.environ, checks_filters=False)
    warn(loaded.warnings)
    topology = topology_of(loaded.settings, operations=loaded.operations)
    hide_known(topology, loaded)
    return narrowed(topology, tuple(systems)), loaded


def narrowed(topology: Topology, names: tuple[str, ...]) -> Topology:
    """Return the topology with only the named systems; all of them when none is named.

    Raises:
        ConfigError: a name that is not in the configuration.
    """
    known = [system.name for system in topology.systems]
    for name in names:
        if name not in known:
            from difflib import get_close_matches

            close = get_close_matches(name, known, 1)
            hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(known) or 'none'}"
            raise ConfigError(f"no system {clean(name, 80)!r} in the configuration; {hint}")
    if not names:
        return topology
    return replace(topology, systems=tuple(one for one in topology.systems if one.name in names))


def warn(warnings: Iterable[object]) -> None:
    """Print warnings on stderr, one line each."""
    for warning in warnings:
        print(f"quarterdeck: warning: {clean(str(warning), 500)}", file=sys.stderr)
