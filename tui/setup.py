"""What the application is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from threading import Thread
from typing import TYPE_CHECKING, Protocol

from core.clients.clock import Clock
from core.model.snapshot import Snapshot
from core.model.text import SafeText
from core.model.topology import Topology
from tui.arming import Arming
from tui.demo_faults import DemoFaults
from tui.presenting import KnownWatch, Presenting

if TYPE_CHECKING:
    from tui.action_link import MakeActionDesk
    from tui.keys_link import MakeKeysDesk
    from tui.log_link import MakeDesk
    from tui.redis_link import MakeRedisDesk


class RuntimeHandle(Protocol):
    """What looks at the world, in a thread of its own."""

    @property
    def snapshot(self) -> Snapshot:
        """What is known now."""
        ...

    def start(self) -> None:
        """Begin to look, and return at once."""
        ...

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Stop looking; tell whether that worked in time."""
        ...

    def refresh_now(self) -> None:
        """Look at everything at once."""
        ...


class SessionHandle(Protocol):
    """What writes into the audit log that a console was opened and left, in threads of its own."""

    def begin(self, told: Callable[[SafeText], None]) -> None:
        """Have the beginning written, and return at once; problems are told from the thread."""
        ...

    def end(self) -> Thread:
        """Have the end written; return what does it."""
        ...


@dataclass(frozen=True, slots=True)
class Setup:
    """What the application is given.

    `make_runtime` gets the function to call, from any thread, whenever the snapshot changed.
    """

    topology: Topology
    make_runtime: Callable[[Callable[[], None]], RuntimeHandle]
    clock: Clock
    host_name: SafeText
    theme: str = ""
    keymap: Mapping[str, str] | None = None
    warnings: tuple[SafeText, ...] = ()
    """What the person should know about the configuration."""
    zone: tzinfo | None = None
    """The zone of the header's second clock; None: the machine's."""
    takes_signals: bool = False
    demo_faults: DemoFaults | None = None
    make_desk: "MakeDesk | None" = None
    """Makes what reads logs; None: there is nothing to read them with."""
    make_redis_desk: "MakeRedisDesk | None" = None
    """Makes what looks at Redis servers; None: none are configured."""
    make_keys_desk: "MakeKeysDesk | None" = None
    """Makes what looks at key stores and secrets; None: none are configured."""
    make_action_desk: "MakeActionDesk | None" = None
    """Makes what plans and starts actions; None: nothing can be done from here."""
    has_acted: Callable[[], bool] = lambda: False
    """Whether any action was ever begun here: only then a crash can have left one unfinished."""
    session: SessionHandle | None = None
    """What writes down that this console was opened and left; None: nothing does."""
    presenting: Presenting | None = None
    """What is hidden from those who look; None: what the topology itself holds."""
    known: KnownWatch | None = None
    """What looks for further secrets to hide; None: nothing does."""
    arming: Arming = field(default_factory=Arming)
    """Changes are off to begin with; how long they stay on."""
