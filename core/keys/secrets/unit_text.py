"""Reads the variables that unit files hand to services. Pure."""

import re
import shlex

_ASSIGNED = re.compile(r"^(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)$", re.DOTALL)


def parse_unit(data: bytes) -> tuple[tuple[tuple[str, str, int], ...], tuple[str, ...]]:
    """Return names, values and lines of `Environment=`, and the paths of `EnvironmentFile=`.

    Paths with specifiers or globs are left out: only the manager knows what they mean.
    """
    variables: list[tuple[str, str, int]] = []
    files: list[str] = []
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    for number, line in _joined(lines):
        key, _, value = line.partition("=")
        if key.strip() == "Environment":
            for word in _words(value):
                found = _ASSIGNED.match(word)
                if found:
                    variables.append((found["name"], found["value"], number))
        elif key.strip() == "EnvironmentFile":
            path = value.strip().removeprefix("-")
            if path.startswith("/") and not set(path) & set("%*?["):
                files.append(path)
    return tuple(variables), tuple(files)


def _joined(lines: list[str]) -> list[tuple[int, str]]:
    """Return lines with those that end in a backslash joined, and the number of the first."""
    found: list[tuple[int, str]] = []
    is_open = False
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r")
        if not is_open and line.lstrip().startswith(("#", ";")):
            continue
        if is_open:
            first, text = found[-1]
            found[-1] = (first, f"{text} {line.rstrip(chr(92))}")
        else:
            found.append((number, line.rstrip("\\")))
        is_open = line.endswith("\\")
    return found


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is never closed: the manager ignores the line too
        return []
