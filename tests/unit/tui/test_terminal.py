"""What the console asks of its terminal and drops from its environment."""

import io

from core.model.verdict import Verdict
from tui.terminal import problem_with_terminal, settle_encoding, settle_environment
from widgets.present.line import glyph_of


def test_without_a_terminal_the_other_commands_are_named() -> None:
    assert "quarterdeck check" in problem_with_terminal({"TERM": "xterm"}, is_terminal=False)


def test_a_dumb_terminal_is_told_so() -> None:
    assert "dumb" in problem_with_terminal({"TERM": "dumb"}, is_terminal=True)
    assert "set TERM" in problem_with_terminal({}, is_terminal=True)
    assert problem_with_terminal({"TERM": "vt100"}, is_terminal=True) == ""


def test_textuals_own_switches_are_dropped() -> None:
    env = {
        "TEXTUAL": "devtools",
        "TEXTUAL_LOG": "/tmp/log",
        "TEXTUAL_SCREENSHOT": "1",
        "TEXTUAL_DRIVER": "evil:Driver",
        "PATH": "/bin",
    }
    settle_environment(env)
    assert env == {"PATH": "/bin", "TEXTUAL_ANIMATIONS": "none"}


def test_a_terminal_that_is_not_utf8_gets_stand_ins_of_the_same_width() -> None:
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="latin-1")
    settle_encoding(terminal)
    shapes = "".join(glyph_of(verdict) for verdict in Verdict)
    terminal.write(f"{shapes}│漢 é")
    terminal.flush()
    shown = raw.getvalue().decode("latin-1")
    assert shown == "*?!x|? é"


def test_a_utf8_terminal_is_left_alone() -> None:
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="utf-8")
    settle_encoding(terminal)
    terminal.write("●")
    terminal.flush()
    assert raw.getvalue() == "●".encode()
