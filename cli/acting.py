"""What the verbs that act have in common: the desk of a configuration."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cli.options import is_read_only_asked

if TYPE_CHECKING:
    from core.actions.desk import ActionDesk


def open_desk(config_path: Path | None) -> "ActionDesk":
    """Return the desk of a configuration, for the person who calls; it heeds `--read-only`.

    Raises:
        ConfigError: the configuration cannot be used.
        ActionError: its state folder cannot be used.
    """
    from config.loader import load
    from tui.acting import desk_of

    loaded = load(config_path, os.environ, checks_filters=False)
    return desk_of(loaded, is_read_only=is_read_only_asked())
