"""The processes above one, and its terminal, from /proc."""

from collections.abc import Callable
from dataclasses import dataclass

_MAX_ANCESTORS = 12
_PTS_MAJORS = range(136, 144)
_TTY_MAJOR = 4
_FIRST_SERIAL = 64


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A process above."""

    pid: int
    name: str
    """The kernel's name of it, at most 15 characters."""


@dataclass(frozen=True, slots=True)
class _Stat:
    name: str
    parent: int
    terminal: int


def parse_stat(raw: bytes) -> _Stat:
    """Parse /proc/PID/stat. Pure.

    Raises:
        ValueError: it is none.
    """
    # The name is in brackets and may itself hold brackets, spaces and line feeds.
    begin, end = raw.find(b"("), raw.rfind(b")")
    fields = raw[end + 1 :].split()
    if begin < 0 or end < begin or len(fields) < 5:
        raise ValueError("not a /proc/PID/stat")
    name = raw[begin + 1 : end].decode("utf-8", "replace")
    return _Stat(name, int(fields[1]), int(fields[4]))


def read_ancestors(pid: int, read: Callable[[str], bytes]) -> tuple[Ancestor, ...]:
    """Return the processes above `pid`, nearest first, at most twelve; fewer where /proc hides."""
    found: list[Ancestor] = []
    one = _stat_of(pid, read)
    while one is not None and one.parent > 0 and len(found) < _MAX_ANCESTORS:
        parent = _stat_of(one.parent, read)
        if parent is None:
            break
        found.append(Ancestor(one.parent, parent.name))
        one = parent
    return tuple(found)


def read_terminal(pid: int, read: Callable[[str], bytes]) -> str:
    """Return the controlling terminal, such as `pts/3`; empty where there is none."""
    one = _stat_of(pid, read)
    return terminal_name(one.terminal) if one is not None else ""


def terminal_name(number: int) -> str:
    """Return the name of a terminal by its device number. Pure."""
    major, minor = number >> 8 & 0xFFF, number & 0xFF | number >> 12 & 0xFFF00
    if major in _PTS_MAJORS:
        return f"pts/{(major - _PTS_MAJORS.start) * 256 + minor}"
    if major == _TTY_MAJOR:
        return f"ttyS{minor - _FIRST_SERIAL}" if minor >= _FIRST_SERIAL else f"tty{minor}"
    return f"{major}:{minor}" if number else ""


def _stat_of(pid: int, read: Callable[[str], bytes]) -> _Stat | None:
    try:
        return parse_stat(read(f"/proc/{pid}/stat"))
    except (OSError, ValueError):
        return None
