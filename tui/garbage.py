"""When garbage is looked for: once a second, and not among what stays anyway.

Python looks for cycles whenever so many objects are new, which is in the middle of painting: that
makes thousands. Modules, styles and screens are loaded once and stay; walking over them took 20 ms
of the first painting of a log. So what is loaded is set aside once it is there, and what is new is
looked at between two paintings.
"""

import gc

SETTLED_S = 1.0
"""So long after a screen was first shown, all that it needs is loaded."""
_MOST_NEW_OBJECTS = 30_000
"""So many at most wait for the next second: some 3 MB."""
_OLDER_EVERY, _OLDEST_EVERY = 10, 60
"""So many looks at the new objects go by between two at those that were there before as well."""


class Sweeper:
    """Looks for garbage when it is told to, in the thread that is told."""

    def __init__(self) -> None:
        """Nothing was looked at yet."""
        self._looks = 0
        self._thresholds = gc.get_threshold()

    def begin(self) -> None:
        """Set aside what is loaded, and look at what comes from now on."""
        gc.freeze()
        gc.set_threshold(_MOST_NEW_OBJECTS, *self._thresholds[1:])
        gc.enable()

    def load(self) -> None:
        """Look at nothing until `settle`: what is being loaded stays."""
        gc.disable()

    def settle(self) -> None:
        """Collect what is garbage now and look at the rest never again."""
        gc.collect()
        gc.freeze()
        gc.enable()

    def sweep(self) -> None:
        """Collect the garbage among the new objects, now and then among older ones too."""
        if not gc.isenabled():
            return
        self._looks += 1
        is_older, is_oldest = (self._looks % every == 0 for every in (_OLDER_EVERY, _OLDEST_EVERY))
        gc.collect(is_older + is_oldest)

    def end(self) -> None:
        """Leave looking for garbage as it was found: the process may go on without the console."""
        gc.unfreeze()
        gc.set_threshold(*self._thresholds)
        gc.enable()
