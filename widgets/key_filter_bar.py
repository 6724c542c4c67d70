"""The filter line where a whole key may be pasted: nothing like one is shown in full."""

from widgets.filter_bar import FilterBar
from widgets.present.key_typing import veiled


class KeyFilterBar(FilterBar, inherit_bindings=True):
    """Shows dots for most of a long word."""

    @property
    def shown(self) -> str:
        """What is typed, veiled."""
        return veiled(self.text)
