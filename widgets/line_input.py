"""A field for one line of text. Drawn and edited here, so that nothing pasted drives a terminal."""

from dataclasses import dataclass

from textual.binding import Binding
from textual.events import Key, Paste
from textual.keys import KEY_NAME_REPLACEMENTS
from textual.message import Message
from textual.reactive import var

from widgets.line_strip import LineStrip
from widgets.present.editing import Typed, edited, inserted, typed
from widgets.present.line import Line, Span, Tone, span

_RENAMED = frozenset(KEY_NAME_REPLACEMENTS.values())
"""Keys such as `slash` and `minus`: Textual cannot tell which character they are."""


class LineInput(LineStrip, can_focus=True):
    """Prompt, text, cursor, and a note at the end of the line."""

    BINDINGS = [
        Binding("enter", "submit", "Apply", id="input.apply"),
        Binding("escape", "cancel", "Cancel", id="input.cancel"),
    ]

    @dataclass
    class Changed(Message):
        """The text is another one."""

        text: str

    @dataclass
    class Submitted(Message):
        """A person pressed enter."""

        text: str

    @dataclass
    class Cancelled(Message):
        """A person wants none of it."""

    value: var[Typed] = var(Typed(), init=False)
    prompt: var[str] = var("", init=False)
    note: var[Line] = var((), init=False)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.value.text

    @property
    def shown(self) -> str:
        """What is drawn of it; as many characters as are typed."""
        return self.text

    def set_text(self, text: str) -> None:
        """Replace the text; the cursor goes to its end. Nobody is told."""
        self.value = typed(text)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep printable keys from being bindings while somebody types."""
        return key in _RENAMED or (character is not None and character.isprintable())

    def on_key(self, event: Key) -> None:
        """Edit, and keep the key from whatever it is bound to elsewhere."""
        if self.take(event):
            event.stop()
            event.prevent_default()

    def take(self, event: Key) -> bool:
        """Edit with a key and tell whether it was one for editing."""
        if event.is_printable and event.character is not None:
            self._become(inserted(self.value, event.character))
            return True
        after = edited(self.value, event.key)
        if after is None:
            return False
        self._become(after)
        return True

    def on_paste(self, event: Paste) -> None:
        event.stop()
        event.prevent_default()
        self._become(inserted(self.value, event.text))

    def action_submit(self) -> None:
        self.post_message(self.Submitted(self.text))

    def action_cancel(self) -> None:
        self.post_message(self.Cancelled())

    def _become(self, value: Typed) -> None:
        is_other = value.text != self.text
        self.value = value
        if is_other:
            self.post_message(self.Changed(value.text))

    def watch_value(self) -> None:
        self._draw()

    def watch_prompt(self) -> None:
        self._draw()

    def watch_note(self) -> None:
        self._draw()

    def watch_has_focus(self, _has_focus: bool) -> None:
        # Not the events: those are told before it is so.
        super().watch_has_focus(_has_focus)
        self._draw()

    def _draw(self) -> None:
        text, at = self.shown, self.value.cursor
        under = text[at : at + 1] or " "
        cursor = span(under, Tone.TITLE)
        self.lines = (
            (
                span(self.prompt, Tone.KEY, bold=True),
                span(text[:at], Tone.TITLE),
                Span(cursor.text, cursor.tone, is_reversed=self.has_focus),
                span(text[at + 1 :], Tone.TITLE),
                span("  "),
                *self.note,
            ),
        )
