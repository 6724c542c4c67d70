"""What is hidden from those who look: values that are known to be secret, and presentation mode.

Headless: the command line and the executor know the same values from here.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from core.clients.known_files import Mark, mark_of, read_whole
from core.clients.recorders import programs_above
from core.keys.known_secrets import env_secrets, key_secrets, secrets_of, store_secrets
from core.keys.redaction import Redactor
from core.model.masking import Spans, masked
from core.model.secret import Secret
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import Topology
from core.model.veil import VEIL, Veil

if TYPE_CHECKING:
    from config.loader import Loaded
    from core.keys.store.redis_shapes import RedisStore
    from core.model.operation import OperationsSpec

CONFIGURED = "the configuration"
LOOK_EVERY_S = 5.0
MOST_KEPT = 200_000
"""Values of one source, those that it had before among them: of more, only what it holds now."""
NOW_BYTES = 1024 * 1024
"""Files up to this size are read before anything is shown; larger ones a moment after."""
_RECORDERS = {"TMUX": "tmux", "STY": "screen", "ASCIINEMA_REC": "asciinema", "SCRIPT": "script"}
_RECORDING = frozenset({"script", "asciinema", "ttyrec", "termrec", "tlog-rec"})


class Presenting:
    """Who looks, and what must not be seen. Any thread may tell it more.

    Args:
        is_on: Others look from the start.
        names: What systems and services are called: a password that is no more than such a name
            is not hidden, or nothing could be read any more.
        veil: What hides for the whole process.
    """

    def __init__(
        self, *, is_on: bool = False, names: Iterable[str] = (), veil: Veil = VEIL
    ) -> None:
        self._lock = threading.Lock()
        self._names = frozenset(names)
        self._veil = veil
        self._known: dict[str, frozenset[Secret]] = {}
        self._redactor = Redactor(is_presenting=is_on)
        self._has_warned = False
        self._revealed: Secret | None = None
        self._veil.redacting = self._redactor

    @property
    def is_on(self) -> bool:
        """Whether others look."""
        return self._redactor.is_presenting

    @property
    def may_reveal(self) -> bool:
        """Whether a secret may be shown on request: never while others look."""
        return not self.is_on

    @property
    def known(self) -> frozenset[Secret]:
        """Every value that is known to be secret."""
        return frozenset[Secret]().union(*self._known.values())

    @property
    def redactor(self) -> Redactor:
        """What hides it all now."""
        return self._redactor

    def hidden(self, text: str) -> SafeText:
        """Return a text as those who look may see it."""
        redactor = self._redactor
        return clean(masked(text, redactor.shown_spans(text)))

    def warning_before_reveal(
        self, env: Mapping[str, str], parents: Callable[[], Iterable[str]] = programs_above
    ) -> SafeText:
        """Return what a person should know before a secret is shown; once, empty after that.

        Args:
            env: The environment.
            parents: Names of the programs above us.
        """
        recorders = "" if self._has_warned else who_records(env, parents)
        if not recorders:
            return EMPTY
        self._has_warned = True
        return clean(f"{recorders} may keep what is shown here; write it to a file instead")

    def turn(self, *, is_on: bool) -> None:
        """Say that others look now, or no more."""
        with self._lock:
            self._revealed = None
            self._swap(self._redactor.presenting(is_on=is_on))

    def reveal(self, secret: Secret) -> bool:
        """Let the screen show one value until `end_reveal`; tell whether that may be."""
        with self._lock:
            if self.is_on:
                return False
            self._revealed = secret
            self._swap(self._redactor.revealing(secret))
            return True

    def end_reveal(self) -> None:
        """Hide it again."""
        with self._lock:
            if self._revealed is not None:
                self._revealed = None
                self._swap(self._redactor.revealing(None))

    def set_known(self, values: Iterable[Secret]) -> None:
        """Know these values of the configuration, in the place of those before."""
        self.add_known(CONFIGURED, values)

    def add_known(self, source: str, values: Iterable[Secret]) -> None:
        """Know what one source holds now; what it held before is hidden until we end.

        A value that was taken out of use a moment ago is still in logs and on screens.
        """
        new = frozenset(one for one in values if one.reveal() not in self._names)
        with self._lock:
            before = self._known.get(source, frozenset())
            if new <= before:
                return
            both = before | new
            self._know({**self._known, source: both if len(both) <= MOST_KEPT else new})

    def forget(self, source: str) -> None:
        """Hide no more what only this source held: it has gone for good."""
        with self._lock:
            if source in self._known:
                self._know({name: one for name, one in self._known.items() if name != source})

    def _know(self, known: dict[str, frozenset[Secret]]) -> None:
        self._known = known
        redactor = Redactor(self.known, is_presenting=self.is_on)
        self._swap(redactor.revealing(self._revealed) if self._revealed else redactor)

    def _swap(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._veil.redacting = redactor


def learn_store(presenting: Presenting, target: str, store: "RedisStore | None") -> None:
    """Hide the keys of a store that no file holds; None: it has gone. In whose thread it was read.

    Args:
        presenting: What hides.
        target: What the store is called.
        store: As it was read.
    """
    source = f"the store {target}"
    if store is None:
        presenting.forget(source)
    else:
        presenting.add_known(source, key_secrets(store.identities, store.odd))


class KnownFiles:
    """Env files and key stores as they are configured, read when they change.

    Args:
        operations: By system.
    """

    def __init__(self, operations: "Mapping[str, OperationsSpec]") -> None:
        self._env: dict[str, frozenset[str]] = {}
        self._stores: dict[str, None] = {}
        for own in operations.values():
            tokens = {one.secret_variable for one in own.tokens}
            tokens |= {one.previous_variable for one in own.tokens}
            for file in own.env_files:
                named = {one.name for one in file.variables if one.is_secret} | tokens
                for path in (file.path, *file.also):
                    self._env[path] = self._env.get(path, frozenset()) | named
            for store in own.keys:
                paths = (store.path, *store.also, *store.usage, *store.analytics)
                self._stores |= dict.fromkeys(path for path in paths if path)
        self._marks: dict[str, Mark | None] = {}

    def news(self, most_bytes: int | None = None) -> Iterator[tuple[str, tuple[Secret, ...]]]:
        """Yield path and secrets of each file that is another than before. Blocking.

        Args:
            most_bytes: Leave larger files for another time.
        """
        for path in (*self._env, *self._stores):
            mark = mark_of(path)
            is_late = most_bytes is not None and mark is not None and mark[2] > most_bytes
            if mark is None or is_late or self._marks.get(path) == mark:
                continue
            self._marks[path] = mark
            data = read_whole(path)
            found = env_secrets(data, self._env[path]) if path in self._env else store_secrets(data)
            yield path, tuple(found)


class KnownWatch:
    """Looks at the files from time to time, in a thread of its own.

    Args:
        files: What to look at.
        presenting: Who is told.
    """

    def __init__(self, files: KnownFiles, presenting: Presenting) -> None:
        self._files, self._presenting = files, presenting
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="qd-known", daemon=True)

    def look(self, most_bytes: int | None = None) -> None:
        """Tell what is new in the files."""
        for path, secrets in self._files.news(most_bytes):
            self._presenting.add_known(path, secrets)

    def start(self) -> None:
        """Look again and again from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._is_stopping.set()

    def _work(self) -> None:
        while not self._is_stopping.is_set():
            self.look()
            self._is_stopping.wait(LOOK_EVERY_S)


def presenting_of(topology: Topology, *, is_on: bool = False, veil: Veil = VEIL) -> Presenting:
    """Return what hides the secrets that are configured; nothing is read."""
    services = (service for system in topology.systems for service in system.services)
    names = {system.name for system in topology.systems} | {one.id.service for one in services}
    presenting = Presenting(is_on=is_on, names=names, veil=veil)
    presenting.set_known(secrets_of(topology))
    return presenting


def watched_of(
    topology: Topology, loaded: "Loaded", *, is_on: bool
) -> tuple[Presenting, KnownWatch]:
    """Return what hides the secrets of a configuration, and what looks for more. Blocking.

    Files of variables have been read by then; large stores are once it is started.
    """
    presenting = presenting_of(topology, is_on=is_on)
    watch = KnownWatch(KnownFiles(_operations(loaded)), presenting)
    watch.look(NOW_BYTES)
    return presenting, watch


def hide_known(topology: Topology, loaded: "Loaded") -> None:
    """Hide what is known of a configuration in all that this process puts out from now on.

    The files are read when the first text goes out, so that whoever prints none pays nothing. In a
    console, which knows all this already, nothing changes.
    """
    if VEIL.redacting is None:
        VEIL.redacting = _Later(topology, loaded)


class _Later:
    """Learns what to hide when it is asked for the first time, and leaves its place to that."""

    is_presenting = False

    def __init__(self, topology: Topology, loaded: "Loaded") -> None:
        self._topology, self._loaded = topology, loaded
        self._lock = threading.Lock()
        self._learnt: Redactor | None = None

    def shown_spans(self, text: str) -> Spans:
        return self._redactor().shown_spans(text)

    def redact_known(self, text: str) -> str:
        return self._redactor().redact_known(text)

    def redact(self, text: str) -> str:
        return self._redactor().redact(text)

    def _redactor(self) -> Redactor:
        with self._lock:
            if self._learnt is None:
                veil = Veil()
                presenting = presenting_of(self._topology, veil=veil)
                KnownWatch(KnownFiles(_operations(self._loaded)), presenting).look()
                self._learnt = presenting.redactor
                if VEIL.redacting is self:
                    VEIL.redacting = self._learnt
            return self._learnt


def _operations(loaded: "Loaded") -> "Mapping[str, OperationsSpec]":
    """Return what is said of files; nobody pays for its models where nothing is."""
    if not loaded.operations:
        return {}
    from config.operation_specs import operations_of

    return operations_of(loaded)


def who_records(env: Mapping[str, str], parents: Callable[[], Iterable[str]]) -> str:
    """Return what keeps what is on this terminal, as far as can be seen; empty: nothing is seen.

    Args:
        env: The environment.
        parents: Names of the programs above us.
    """
    found = [name for variable, name in _RECORDERS.items() if env.get(variable)]
    found += [name for name in parents() if name in _RECORDING]
    return ", ".join(dict.fromkeys(found))
