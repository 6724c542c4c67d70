"""What reaches stdout: aligned, plain where colours are unwelcome, JSON that any reader takes."""

import io
import json
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest

from cli.as_json import as_json
from cli.output import GLYPHS, aligned, is_coloured, print_json, print_lines
from core.keys.redaction import Redactor
from core.model.check import Expectation
from core.model.secret import MASK, Secret
from core.model.veil import VEIL
from core.model.verdict import Verdict
from tests.fakes.world import check_id
from widgets.present.line import glyph_of


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_a_terminal_is_coloured_unless_it_says_no(
    environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert is_coloured() is coloured


def test_a_pipe_is_never_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert not is_coloured()


def test_columns_align_over_colour_and_wide_characters() -> None:
    lines = aligned([("\x1b[31mab\x1b[0m", "x"), ("日本", "y"), ("a", "z")])
    assert lines == ["\x1b[31mab\x1b[0m    x", "日本  y", "a     z"]


def test_what_the_encoding_lacks_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    print_lines(["● ok"])
    sys.stdout.flush()
    assert raw.getvalue() == b"? ok\n"


def test_shapes_are_those_of_the_console() -> None:
    assert {verdict: str(glyph_of(verdict)) for verdict in Verdict} == GLYPHS


def test_values_become_json_without_giving_a_secret_away() -> None:
    value = {
        "secret": Secret("hunter2"),
        "id": check_id("api"),
        "at": datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))),
        "verdict": Verdict.DOWN,
        "numbers": (1, 0.5, float("nan"), float("inf"), True, None),
        "nested": Expectation(ok_words=("up",)),
    }
    shown = json.loads(json.dumps(as_json(value), allow_nan=False))
    assert shown["secret"] == MASK
    assert shown["id"] == "local/shop/api/health"
    assert shown["at"] == "2026-01-01T00:00:00.000Z"
    assert shown["verdict"] == "down"
    assert shown["numbers"] == [1, 0.5, "nan", "inf", True, None]
    assert shown["nested"]["ok_words"] == ["up"]
    assert shown["nested"]["max_age_s"] is None


def test_known_secrets_are_printed_by_no_verb(capsys: pytest.CaptureFixture[str]) -> None:
    VEIL.redacting = Redactor([Secret("hunter2-and-more")])
    print_lines(["it is hunter2-and-more", "and not"])
    print_json({"hunter2-and-more": ["x hunter2-and-more", 1, None, {"a": True}]})
    shown = capsys.readouterr().out
    assert "hunter2" not in shown
    assert shown.startswith(f"it is {MASK}\nand not\n")
    document = json.loads(shown.partition("and not\n")[2])
    assert document == {MASK: [f"x {MASK}", 1, None, {"a": True}]}


def test_moments_are_in_utc() -> None:
    assert as_json(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"
