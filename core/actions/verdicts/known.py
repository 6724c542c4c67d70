"""Which parser reads which tool, and what no tool's own parser knows."""

from core.actions.verdicts import load, packages, python, tools
from core.actions.verdicts.judged import Call, Judged, Parser, absent, bad
from core.clients.acting.commands import Ran

_BY_TOOL: dict[str, Parser] = {
    "pytest": python.parse_pytest,
    "py.test": python.parse_pytest,
    "unittest": python.parse_unittest,
    "ab": load.parse_ab,
    "wrk": load.parse_wrk,
    "k6": load.parse_k6,
    "hey": load.parse_hey,
    "pip": packages.parse_pip,
    "pip3": packages.parse_pip,
    "npm": packages.parse_npm,
    "alembic": tools.parse_alembic,
    "kubectl": tools.parse_kubectl,
    "vercel": tools.parse_vercel,
    "scout": tools.parse_scout,
    "nginx": tools.parse_nginx,
    "ping": tools.parse_ping,
    "curl": tools.parse_curl,
    "grep": tools.parse_grep,
}
_BY_WORDS: tuple[Parser, ...] = (
    python.parse_pytest,
    python.parse_unittest,
    python.parse_counts,
    tools.parse_marks,
)
"""For scripts, whose names say nothing; the first that understands is believed."""
_VALIDATES = ("valid", "verify", "check")
_NOT_FOUND = 127
_NOT_RUNNABLE = 126
_LOAD = frozenset({"ab", "wrk", "k6", "hey"})
_LOOKS = frozenset({"pytest", "py.test", "unittest", *_LOAD})


def leaves_nothing(call: Call) -> bool:
    """Tell whether a tool only asks and tries, whatever load it makes."""
    return call.tool in _LOOKS


def is_load(call: Call) -> bool:
    """Tell whether a tool makes load on purpose."""
    return call.tool in _LOAD


def parse(call: Call, ran: Ran) -> Judged | None:
    """Return what a run's own words say; None: nobody understands them."""
    own = _BY_TOOL.get(call.tool)
    if own is None and any(word in call.tool for word in _VALIDATES):
        own = tools.parse_validator
    readers = (own,) if own else _BY_WORDS
    for reader in (*readers, python.parse_traceback):
        if judged := reader(call, ran):
            return judged
    return None


def parse_absence(call: Call, ran: Ran) -> Judged | None:
    """Understand that the program, or a part of it, is not there."""
    said = ran.lines[-1] if ran.lines else ""
    if ran.exit_code == _NOT_FOUND:
        return absent(said or f"{call.tool} is not there")
    if ran.exit_code == _NOT_RUNNABLE:
        if "not found" in said or "no such file" in said:
            return absent(f"{call.tool} is not in the container: {said}")
        return bad(f"{call.tool} may not be run{f': {said}' if said else ''}")
    return python.missing_part(call, ran)


def follow_up(argv: tuple[str, ...], call: Call) -> tuple[str, ...]:
    """Return what a second look at the result of a command is; empty: there is none.

    `alembic upgrade head` is proven by `alembic current`, `pip install` by `pip check`.
    """
    if not argv or len(call.words) >= len(argv):
        return ()
    front = argv[: len(argv) - len(call.words)]
    if call.tool == "alembic" and call.has("upgrade") and call.has("head", "heads"):
        before = call.words[: call.words.index("upgrade")]
        return (*front, *before, "current")
    if call.tool in {"pip", "pip3"} and call.words[:1] == ("install",):
        return (*front, "check")
    return ()
