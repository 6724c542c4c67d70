"""The parts of a security audit that lie in files: keys, secrets, what is exposed, modes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.clients.clock import Clock
from core.clients.text_tree import TextFile, TreeReading, read_texts
from core.keys.secrets.book import SecretsBook
from core.keys.secrets.exposed import exposed_in, mode_problem
from core.model.key_store import KeyStoreView, StoreState
from core.model.secret_view import SecretsView
from core.model.security import SecurityItem, Tick
from core.model.text import SafeText, clean

_MOST_PLACES = 200
_READ = frozenset({StoreState.READ, StoreState.EMPTY, StoreState.READ_ONLY})


@dataclass(frozen=True, slots=True)
class FileAudit:
    """What is looked at of one system.

    Args:
        root: The system's folder; empty: it has none.
        secrets: Its inventory.
        stores: Looks at its key stores.
        clock: Bounds the walk.
    """

    root: str
    secrets: SecretsBook
    stores: Callable[[], Sequence[KeyStoreView]]
    clock: Clock

    def look(self) -> tuple[SecurityItem, ...]:
        """Return every item. Blocking, half a minute at most."""
        view = self.secrets.look()
        return (*map(_store_item, self.stores()), _secrets_item(view), *self._tree(view))

    def _tree(self, view: SecretsView) -> tuple[SecurityItem, ...]:
        title = SafeText("exposed secrets")
        if not self.root:
            text = SafeText("the system has no root folder to look through")
            return (SecurityItem(title, Tick.COULD_NOT, text),)
        own = frozenset(place.where for row in view.rows for place in row.places)
        reading, found, modes = TreeReading(), list[SafeText](), list[SafeText]()
        for file in read_texts(self.root, reading, self.clock.monotonic):
            found += exposed_in(file, self.secrets.named_values, frozenset(map(str, own)))
            modes += self._mode(file)
        return (
            _tree_item(
                title, found, reading, "no secret outside of its own files", is_of_text=True
            ),
            _tree_item(SafeText("permissions"), modes, reading, "nobody else may write or read"),
        )

    def _mode(self, file: TextFile) -> list[SafeText]:
        problem = mode_problem(file)
        return [problem] if problem else []


def _store_item(view: KeyStoreView) -> SecurityItem:
    title = clean(f"API keys of {view.title or view.name}")
    if view.state not in _READ:
        return SecurityItem(title, Tick.COULD_NOT, clean(f"{view.state}: {view.why}"))
    found = [*view.findings]
    for key in view.keys:
        found += [clean(f"{key.short_id} {key.masked}: {one}") for one in key.findings]
    text = clean(f"{len(view.keys)} keys, {_counted(found)}")
    return SecurityItem(title, _tick(found), text, tuple(found[:_MOST_PLACES]))


def _secrets_item(view: SecretsView) -> SecurityItem:
    found = [clean(f"{row.name}: {one}") for row in view.rows for one in row.findings]
    title, text = SafeText("secrets"), clean(f"{len(view.rows)} secrets, {_counted(found)}")
    if not found and view.problems:
        return SecurityItem(title, Tick.COULD_NOT, text, view.problems)
    places = (*found[:_MOST_PLACES], *view.problems)
    return SecurityItem(title, _tick(found), text, places)


def _tree_item(
    title: SafeText,
    found: list[SafeText],
    reading: TreeReading,
    nothing: str,
    *,
    is_of_text: bool = False,
) -> SecurityItem:
    """Return what was found; `is_of_text`: in what files hold, not only in what they are."""
    left_out = [
        *([f"{reading.denied:,} could not be read"] if reading.denied else []),
        *([f"{reading.elsewhere:,} on other file systems left out"] if reading.elsewhere else []),
        *([f"{reading.begun:,} only to the first MiB"] if reading.begun and is_of_text else []),
        *([f"given up after {reading.ended}"] if reading.ended else []),
    ]
    files = "1 file" if reading.files == 1 else f"{reading.files:,} files"
    looked = ", ".join([f"{files} looked at", *left_out])
    is_whole = not left_out
    if not found:
        tick = Tick.TICKED if is_whole else Tick.COULD_NOT
        return SecurityItem(title, tick, clean(f"{nothing}; {looked}"))
    text = clean(f"{_counted(found)}; {looked}")
    return SecurityItem(title, Tick.NOT, text, tuple(found[:_MOST_PLACES]))


def _tick(found: Sequence[SafeText]) -> Tick:
    return Tick.NOT if found else Tick.TICKED


def _counted(found: Sequence[SafeText]) -> str:
    return "1 finding" if len(found) == 1 else f"{len(found) or 'no'} findings"
