"""The keys of the Streams screen."""

from typing import Final

from textual.binding import Binding, BindingType

_GOING = Binding.Group("Going somewhere")
_ROW = Binding.Group("What is under the cursor")
_READING = Binding.Group("Entries")


def _key(
    keys: str, action: str, name: str, text: str, group: Binding.Group, *, in_footer: str = ""
) -> Binding:
    """Return a key; help shows `text`, the footer `in_footer` or nothing."""
    return Binding(
        keys,
        action,
        in_footer or text,
        id=f"streams.{name}",
        show=bool(in_footer),
        tooltip=text,
        group=group,
    )


STREAM_BINDINGS: Final[list[BindingType]] = [
    _key("right_square_bracket", "turn(1)", "next", "Next page", _GOING, in_footer="Next page"),
    _key("left_square_bracket", "turn(-1)", "previous", "Page before", _GOING),
    _key("e", "entries", "entries", "Entries of this stream", _GOING, in_footer="Entries"),
    _key("t", "time", "time", "Entries from a time on", _READING, in_footer="To a time"),
    _key("F,s", "tail", "tail", "Follow the newest, or stop", _READING, in_footer="Follow"),
    _key("m", "more", "more", "Read on", _READING, in_footer="Read on"),
    _key("d", "describe", "describe", "In full, instead of the rows", _ROW, in_footer="Describe"),
    _key("y", "raw", "raw", "As written, or decoded", _ROW, in_footer="Raw"),
    _key("x", "app.offers", "actions", "What can be done with it", _ROW, in_footer="Actions"),
    _key("n", "scan", "scan", "Look for streams anew", _GOING),
]
