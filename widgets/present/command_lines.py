"""A shell command in a narrow room, broken so that a copy of its lines still is that command. Pure.

A backslash at the end of a line joins it to the next: between words the next line is indented,
inside a word that has no room it begins at the edge.
"""

from rich.cells import cell_len

from widgets.present.line import Line, Tone, line, span

_JOIN = "\\"


def command_lines(
    command: str, width: int, indent_cells: int, tone: Tone = Tone.ACCENT
) -> tuple[Line, ...]:
    """Return a command as lines of at most `width` cells; nothing of it is left out."""
    lines: list[str] = []
    current = " " * indent_cells
    is_begun = False
    for word in command.split():
        joined = f"{current} {word}" if is_begun else f"{current}{word}"
        if is_begun and cell_len(joined) + len(f" {_JOIN}") > width:
            lines.append(f"{current} {_JOIN}")
            joined = f"{' ' * indent_cells}{word}"
        *pieces, current = _pieces(joined, width - len(f" {_JOIN}"))
        lines += (f"{piece}{_JOIN}" for piece in pieces)
        is_begun = True
    return tuple(line(span(one, tone)) for one in (*lines, current))


def _pieces(text: str, cells: int) -> list[str]:
    """Return a text in pieces of at most `cells`, or of one character where not one has room."""
    pieces: list[str] = []
    current = ""
    for char in text:
        if current.strip() and cell_len(current + char) > cells:
            pieces.append(current)
            current = ""
        current += char
    return [*pieces, current]
