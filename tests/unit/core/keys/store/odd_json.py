"""Odd JSON of every formatting, made at random: what hands and tools leave behind."""

import json

from hypothesis import strategies as st

from core.keys.store.tree import Number, Value

NUMBERS = (
    "0", "-0", "1", "1e3", "1E+3", "1.0", "0.30000000000000004", "-1.50e-7",
    "123456789012345678901234567890", "9" * 5000,
)  # fmt: skip
texts = st.text(max_size=8) | st.sampled_from(
    ["", "é", "😀", "a\nb", 'q"\\', "\u2028", "/", "a,b", '":']
)
blanks = st.sampled_from(["", "", " ", "\n", "\r\n", "\t", "\n    ", "  \r\n\t"])
values = st.recursive(
    st.none() | st.booleans() | texts | st.sampled_from(NUMBERS).map(Number),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@st.composite
def written(draw: st.DrawFn, value: Value) -> str:
    """Write a value with blanks and escapes anywhere."""
    gap = lambda: draw(blanks)  # noqa: E731 - read at each place
    if isinstance(value, dict):
        pairs = [
            f"{gap()}{draw(spelled(name))}{gap()}:{gap()}{draw(written(one))}{gap()}"
            for name, one in value.items()
        ]
        return "{" + (",".join(pairs) or gap()) + "}"
    if isinstance(value, list):
        return (
            "[" + (",".join(f"{gap()}{draw(written(one))}{gap()}" for one in value) or gap()) + "]"
        )
    if isinstance(value, Number):
        return value.text
    return draw(spelled(value)) if isinstance(value, str) else json.dumps(value)


@st.composite
def spelled(draw: st.DrawFn, text: str) -> str:
    """Write a text raw or escaped."""
    raw = json.dumps(text, ensure_ascii=draw(st.booleans()))
    return raw.replace("/", "\\/") if draw(st.booleans()) else raw


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Make a file: any value between blanks, with or without a byte-order mark."""
    text = draw(blanks) + draw(written(draw(values))) + draw(blanks)
    return (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + text.encode()
