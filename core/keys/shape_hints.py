"""Tells in one pass over a line whether it can hold a secret of a known shape. Pure.

RE2 looks for all shapes at once, where `re` goes through them one by one (ADR 0014). It is loaded
when the first line is drawn while others look; where it is missing, every line can hold one.
"""

import importlib
from functools import cache
from typing import Protocol, cast

from core.model.masking import SHAPE_HINT


class _Compiled(Protocol):
    def search(self, text: str) -> object | None: ...


class _Library(Protocol):
    def compile(self, pattern: str) -> _Compiled: ...


def may_hold_shape(text: str) -> bool:
    """Tell whether `secret_spans` can find anything in a text; False is certain."""
    hint = _hint()
    return hint is None or not text.isascii() or hint.search(text) is not None


@cache
def _hint() -> _Compiled | None:
    try:
        library = cast("_Library", cast("object", importlib.import_module("re2")))
    except ImportError:
        return None
    return library.compile(f"(?i){SHAPE_HINT}")
