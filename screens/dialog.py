"""What all dialogs have in common, and the frame of those that ask one thing."""

from typing import Any, TypeVar, cast

from textual.app import App
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], inherit_bindings=False):
    """A dialog that ends once."""

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """End with a result; nothing happens where it has ended.

        A second key may have been typed before the first took effect. Textual would take away
        whatever is in front by then, or fail where that is the last screen.
        """
        if self not in cast("App[Any]", self.app).screen_stack:
            return AwaitComplete.nothing()
        return super().dismiss(result)


def dialog_css(screen: str) -> str:
    """Return the style of a dialog whose body is one Vertical, by its class's name."""
    return f"""
    {screen} {{ align: center middle; background: transparent; }}
    {screen} > Vertical {{
        width: 80; max-width: 100%; height: auto; max-height: 100%; padding: 0 1; margin: 0 0 1 0;
        border: round $border; background: $surface;
    }}
    """
