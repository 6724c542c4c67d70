"""What must be true of the terminal and the environment before the console opens."""

import codecs
import curses
import os
import sys
from collections.abc import Mapping, MutableMapping
from typing import TextIO

UNUSABLE = frozenset({"dumb", "unknown", ""})
_PLAIN_HANDLER = "quarterdeck-plain"
_PLAIN = {
    "●": "*", "▲": "!", "✖": "x", "…": ".", "▸": ">", "·": "-", "–": "-", "─": "-", "━": "=",
    "│": "|", "┤": "|", "█": "#", "▌": "#", "▐": "#", "▀": "#", "▄": "#", "•": "*", "→": ">",
    "‹": "<", "›": ">",
}  # fmt: skip


def problem_with_terminal(env: Mapping[str, str], *, is_terminal: bool) -> str:
    """Return why the console cannot open here, with what can be used instead; empty: it can.

    Args:
        env: The environment.
        is_terminal: Whether we read from and write to a terminal.
    """
    if not is_terminal:
        return (
            "the console needs a terminal; "
            "use `quarterdeck check` or `quarterdeck status` in scripts"
        )
    term = env.get("TERM", "").lower()
    if term in UNUSABLE:
        return (
            f"a terminal of type {term or 'nothing'} cannot show the console; set TERM, "
            "or use `quarterdeck check` and `quarterdeck status`"
        )
    return ""


def settle_environment(env: MutableMapping[str, str]) -> None:
    """Drop Textual's own switches: some write what is on the screen to files or sockets.

    COLUMNS and LINES go as well: Textual lets them win over the terminal's own size, and who set
    them (a wrapper, GNU readline in a parent) never changes them again. Must run before Textual is
    imported, which reads its switches once.
    """
    for name in ("COLUMNS", "LINES"):
        env.pop(name, None)
    for name in [name for name in env if name == "TEXTUAL" or name.startswith("TEXTUAL_")]:
        del env[name]
    env["TEXTUAL_ANIMATIONS"] = "none"


def settle_encoding(stream: TextIO | None = None) -> None:
    """Make a terminal that is not UTF-8 show plain stand-ins of the same width for our shapes."""
    terminal = stream or sys.__stderr__
    if terminal is None or codecs.lookup(terminal.encoding).name == "utf-8":
        return
    codecs.register_error(_PLAIN_HANDLER, _plain)
    reconfigure = getattr(terminal, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors=_PLAIN_HANDLER)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks, one character for one, so that columns stay columns."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(_PLAIN.get(one, "?") for one in lost), error.end


def erases_in_colour() -> bool:
    """Tell whether what the terminal erases gets the background colour (terminfo's `bce`)."""
    return _knows_terminal() and curses.tigetflag("bce") == 1


def scrolls_regions() -> bool:
    """Tell whether the terminal can move some of its rows only (terminfo's `csr`)."""
    return _knows_terminal() and bool(curses.tigetstr("csr"))


def _knows_terminal() -> bool:
    """Load what terminfo has of the terminal; tell whether there is one and it is known."""
    if not (sys.__stderr__ is not None and sys.__stderr__.isatty()):
        return False
    try:
        curses.setupterm(fd=sys.__stderr__.fileno())
    except curses.error:
        return False
    return True


def is_gone() -> bool:
    """Tell whether the terminal has hung up."""
    try:
        os.tcgetpgrp(0)
    except OSError:
        return True
    return False
