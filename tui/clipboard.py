"""Copies text where a person can paste it: the terminal's clipboard, and a file that always works.

OSC 52 asks the terminal; nothing answers whether it obeyed, and tmux and screen take it only when
they are told to. So the text is written to a private file as well, and the message says both.
"""

import base64
import os
from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_cache_path

MAX_OSC_CHARS = 74_000
"""What xterm takes; longer texts are only in the file."""
_FILE = "copied.txt"


def clipboard_sequence(text: str, env: Mapping[str, str]) -> str:
    """Return the sequence that asks the terminal to take a text; through tmux where we are in it.

    Empty when the text is too long for any terminal.
    """
    if len(text) > MAX_OSC_CHARS:
        return ""
    payload = base64.b64encode(text.encode()).decode()
    sequence = f"\x1b]52;c;{payload}\x07"
    if env.get("TMUX"):
        inner = sequence.replace("\x1b", "\x1b\x1b")
        return f"{sequence}\x1bPtmux;{inner}\x1b\\"
    return sequence


def keep_copy(text: str, folder: Path | None = None) -> Path:
    """Write the text to our own private file and return its path.

    Raises:
        OSError: it cannot be written.
    """
    place = folder or user_cache_path("quarterdeck")
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place / _FILE
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path
