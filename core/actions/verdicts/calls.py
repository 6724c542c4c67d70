"""Which tool a command line is about, whatever carries it."""

import re

from core.actions.verdicts.judged import Call

_PYTHON = re.compile(r"^(?:python|pypy)[\d.]*$")
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "node", "ruby", "perl"})
_CARRIERS = frozenset({"npx", "sudo", "nice", "ionice", "stdbuf", "time"})
_CARRIERS_THAT_RUN = frozenset({"uv", "poetry", "pipenv", "pdm", "hatch"})
_PARTS_OF_DOCKER = frozenset({"scout", "compose", "buildx"})
SCRIPT = re.compile(r"\.(?:py|sh|bash|js|mjs|cjs|rb|pl)$")


def call_of(argv: tuple[str, ...]) -> Call:
    """Return the tool of a command line and the words it is given."""
    if not argv:
        return Call("", ())
    name, rest = _base(argv[0]), argv[1:]
    if _PYTHON.match(name):
        return _of_python(name, rest)
    if name in _SHELLS and rest and SCRIPT.search(rest[0]):
        return Call(_base(rest[0]), rest[1:])
    if name in _CARRIERS and rest and not rest[0].startswith("-"):
        return call_of(rest)
    if name in _CARRIERS_THAT_RUN and rest[:1] == ("run",):
        return call_of(rest[1:])
    if name == "docker" and rest and rest[0] in _PARTS_OF_DOCKER:
        return Call(rest[0], rest[1:])
    return Call("pip" if re.match(r"^pip[\d.]*$", name) else name, rest)


def _of_python(name: str, rest: tuple[str, ...]) -> Call:
    if rest[:1] == ("-m",) and len(rest) > 1:
        return Call(rest[1], rest[2:])
    if rest and SCRIPT.search(rest[0]):
        return Call(_base(rest[0]), rest[1:])
    return Call(name, rest)


def script_of(argv: tuple[str, ...]) -> str:
    """Return the script that an interpreter is given, as it is written; empty: none."""
    name = _base(argv[0]) if argv else ""
    is_interpreter = bool(_PYTHON.match(name)) or name in _SHELLS
    return argv[1] if is_interpreter and len(argv) > 1 and SCRIPT.search(argv[1]) else ""


def takes_code(argv: tuple[str, ...], index: int) -> bool:
    """Tell whether the word at `index` is a program's text: `python -c …`, `bash -c …`."""
    name = _base(argv[0]) if argv else ""
    is_interpreter = bool(_PYTHON.match(name)) or name in _SHELLS
    return is_interpreter and index > 0 and argv[index - 1] in {"-c", "-e", "--eval", "-p"}


def _base(path: str) -> str:
    return path.rpartition("/")[2]
