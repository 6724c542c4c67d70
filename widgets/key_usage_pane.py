"""What the analytics of one store tell: figures, charts, endpoints, keys by refusals."""

from textual.reactive import var

from core.model.key_store import KeyStoreView
from core.model.keys_view import KeysPicture
from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.key_usage import usage_lines
from widgets.present.line import Line


class KeyUsagePane(PicturePane):
    """The usage of the store under the cursor."""

    keys: var[KeysPicture | None] = var(None, init=False)
    store: var[KeyStoreView | None] = var(None, init=False)

    def watch_keys(self) -> None:
        self.redraw()

    def watch_store(self) -> None:
        self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        return usage_lines(self.store, self.keys, width, is_focused=self.has_focus)
