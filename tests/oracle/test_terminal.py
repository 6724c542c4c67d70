"""Hostile text through every screen: nothing acts, nothing is parsed, nothing crashes."""

import re
from collections import Counter

import pytest

from tests.hostile import CORPUS
from tests.pilot.pty_child import ESCAPE, PtyChild

CHUNK = 21
RUN = "import runpy; runpy.run_module('tests.oracle.hostile_console', run_name='__main__')"
OURS = re.compile(
    rb"\x1b\[\d+;\d+H|\x1b\[K|\x1b\[\d+[XC]|\x1b\[(?:\d+;\d+)?r|\x1b\[[\d;]*m|\x1b\[\?\d+[hl]|\x1b\[\?\d+\$p|\x1b\[[<>]\d*u|\x1b\[H"
    rb"|\x1b\]22;(?:default|pointer|text)\x07"
)
"""The only sequences that the console sends: cursor, scrolling, erasing, colours, modes, queries of
modes, and the shape of the mouse pointer, which Textual sets at each change of screen."""
MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")
FREQUENT = {b"2026", b"25", b"1000", b"1003"}
"""Modes that are switched while it runs: synchronised output, cursor, mouse."""
CLEAR_OF_CONTROLS = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]")
LOG_KEYS = (
    "kkk", "kkkkkkkk", "\x02", "\r", "kkkk", "y", "\r", "jjjj", "b", "j", ESCAPE, ESCAPE, "w",
    "kkk", "\x02", "w", "t", "t", "lll", "hhh", "m", "T", "/a\r", "n", "N", ESCAPE, "&e or a\r",
    ESCAPE, "&x=(\r", ESCAPE, "E", "E", "a", "L", "jj", " ", "\r", "L", "g", "G",
)  # fmt: skip
"""What is done on the Logs screen: `c` is not, for what it sends is a sequence of our own."""
SCREEN_KEYS = (
    "2", "jjjjj", "\r", ESCAPE, "G", "kkk", "\t", "jj", "9", "jj", "\t", "jj", "\t", "jj", "\t",
    "j", "4", "5", "6", "7", "8", "0", "1", "jjjj", "\r", ESCAPE, "?", ESCAPE, "!", "/a\r",
    ESCAPE, "f", "f", "3",
)  # fmt: skip

KEYS = (*SCREEN_KEYS, *LOG_KEYS)


def session(start: int, count: int, road: str) -> tuple[bytes, int]:
    child = PtyChild(RUN, arguments=(str(start), str(count), road), columns=160, rows=50)
    try:
        child.wait_for("shop")
        for keys in SCREEN_KEYS:
            child.press(keys)
            child.calm()
        # What a frame has in common with the one before is not sent: words are on the screen only.
        child.wait_for("FOLLOWING")
        child.press(LOG_KEYS[0])
        child.wait_for("HELD")
        for keys in LOG_KEYS[1:]:
            child.press(keys)
            child.calm()
        status = child.leave()
    finally:
        child.close()
    return child.output, status


def modes(output: bytes) -> Counter[tuple[bytes, bytes]]:
    found = [(mode, switch) for mode, switch in MODE.findall(output) if mode not in FREQUENT]
    return Counter(found)


@pytest.fixture(scope="module")
def harmless() -> Counter[tuple[bytes, bytes]]:
    """How often each mode is switched when there is nothing hostile."""
    return modes(session(0, 0, "clean")[0])


@pytest.mark.xdist_group("oracle")
@pytest.mark.parametrize("road", ["clean", "raw"])
@pytest.mark.parametrize("start", range(0, len(CORPUS), CHUNK))
def test_no_foreign_sequence_reaches_the_terminal(
    start: int, road: str, harmless: Counter[tuple[bytes, bytes]]
) -> None:
    output, status = session(start, CHUNK, road)
    assert status == 0, output[-800:]
    rest = OURS.sub(b"", output)
    assert CLEAR_OF_CONTROLS.findall(rest) == []
    assert modes(output) == harmless
