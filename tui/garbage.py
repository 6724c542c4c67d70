"""When garbage is looked for: seldom, and not among what stays anyway.

A collection walks over every object that could be part of a cycle. Modules, styles and screens are
loaded once and stay: walking over them again cost 20 ms in the middle of
painting a log. What is loaded is therefore set aside once it is there.
"""

import gc

SETTLED_S = 1.0
"""So long after a screen was first shown, all that it needs is loaded."""
_YOUNG_OBJECTS = 10_000
"""A repaint makes a few thousand objects that are gone with the next one: Python's own limit, 700,
looks at them thirty times meanwhile."""


def begin_collecting() -> None:
    """Set aside what is loaded, and collect what comes from now on."""
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, *gc.get_threshold()[1:])
    gc.enable()


def set_aside() -> None:
    """Collect what is garbage now and look at the rest never again."""
    gc.collect()
    gc.freeze()
