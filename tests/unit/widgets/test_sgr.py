"""Our sequences mean the same as Rich's, and are fewer."""

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.sgr import SgrWriter

COLOURS = st.sampled_from(
    [None, "red", "bright_blue", "#102030", "#ffffff", "default", "color(99)"]
)
STYLES = st.builds(
    Style,
    color=COLOURS,
    bgcolor=COLOURS,
    bold=st.booleans(),
    underline=st.booleans(),
    reverse=st.booleans(),
    italic=st.booleans(),
)
SEGMENTS = st.lists(
    st.builds(
        Segment, st.text(alphabet="abc xyz", min_size=1, max_size=5), st.none() | STYLES, st.none()
    ),
    min_size=1,
    max_size=8,
)


def shown(sequence: str, width: int = 60) -> list[object]:
    """Return what a person sees: a blank has no foreground and is not bold."""
    screen = pyte.Screen(width, 1)
    pyte.Stream(screen).feed(sequence)
    return [seen(screen.buffer[0][x]) for x in range(width)]


def seen(cell: pyte.screens.Char) -> object:
    """Return what a person sees of a cell."""
    is_marked = cell.reverse or cell.underscore or cell.strikethrough
    if cell.data == " " and not is_marked:
        return cell.bg
    return cell


def by_rich(segments: list[Segment], system: ColorSystem) -> str:
    return "".join(
        segment.style.render(segment.text, color_system=system) if segment.style else segment.text
        for segment in segments
    )


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("truecolor", ColorSystem.TRUECOLOR),
        ("256", ColorSystem.EIGHT_BIT),
        ("standard", ColorSystem.STANDARD),
    ],
)
@given(segments=SEGMENTS)
def test_a_terminal_shows_the_same_as_with_rich(
    name: str, system: ColorSystem, segments: list[Segment]
) -> None:
    for erases in (False, True):
        writer = SgrWriter(name, erases_in_colour=erases)
        ours = writer.render(Strip(segments)) + writer.finish()
        assert shown(ours) == shown(by_rich(segments, system))


@given(segments=SEGMENTS, blanks=st.integers(0, 40), style=STYLES)
def test_erased_blanks_look_like_sent_ones(
    segments: list[Segment], blanks: int, style: Style
) -> None:
    segments = [*segments, Segment(" " * blanks, style), *segments, Segment(" " * blanks, style)]
    width = Strip(segments).cell_length
    ways = [
        SgrWriter("truecolor", erases_in_colour=erases).render(Strip(segments), is_at_edge=at_edge)
        for erases, at_edge in ((False, False), (True, False), (True, True))
    ]
    assert shown(ways[1], width) == shown(ways[0], width)
    assert shown(ways[2], width) == shown(ways[0], width)
    assert len(ways[2]) <= len(ways[1]) <= len(ways[0])


def test_a_colour_of_the_palette_is_sent_by_its_number() -> None:
    style = Style(color="#dadada", bgcolor="#0f1419")
    assert SgrWriter("truecolor").render(Strip([Segment("a", style)])) == (
        "\x1b[38;5;253;48;2;15;20;25ma"
    )


def test_neighbours_of_one_style_share_their_sequence() -> None:
    style = Style(color="#102030", bgcolor="#000000")
    writer = SgrWriter("truecolor")
    first = writer.render(Strip([Segment("a", style)]))
    assert writer.render(Strip([Segment("b", style)])) == "b"
    assert first.endswith("ma")
    assert writer.finish() == "\x1b[0m"
    assert writer.finish() == ""


def test_only_the_colour_that_changes_is_sent() -> None:
    writer = SgrWriter("truecolor")
    writer.render(Strip([Segment("a", Style(color="#010203", bgcolor="#000000"))]))
    text = writer.render(Strip([Segment("b", Style(color="#040506", bgcolor="#000000"))]))
    assert text == "\x1b[38;2;4;5;6mb"


def test_without_colours_there_are_no_sequences() -> None:
    assert SgrWriter(None).render(Strip([Segment("a", Style(bold=True, color="red"))])) == "a"
