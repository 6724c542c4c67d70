"""Processes in memory."""

from dataclasses import dataclass, field

from core.clients.acting.processes import ProcessId, ProcessView
from core.errors import ClientDenied, ClientError
from core.model.text import SafeText, clean
from tests.fakes.acting_files import Kill


@dataclass
class FakeProcesses:
    """What runs, by id. A process that is started listens on `ports_of` its program."""

    running: dict[ProcessId, ProcessView] = field(default_factory=dict)
    stubborn: set[ProcessId] = field(default_factory=set)
    """They need KILL."""
    foreign: set[ProcessId] = field(default_factory=set)
    """They belong to somebody else."""
    held: dict[int, SafeText] = field(default_factory=dict)
    """Ports that somebody holds whom `running` does not name."""
    ports_of: dict[str, tuple[int, ...]] = field(default_factory=dict)
    pidfiles: dict[str, ProcessId] = field(default_factory=dict)
    start_error: ClientError | None = None
    kill: Kill = field(default_factory=Kill)
    started: list[tuple[tuple[str, ...], str, tuple[tuple[str, str], ...], str]] = field(
        default_factory=list
    )
    next_pid: int = 5000

    def put(self, *argv: str, ports: tuple[int, ...] = (), user: str = "app") -> ProcessId:
        """Have a process run."""
        self.next_pid += 1
        one = ProcessId(self.next_pid, self.next_pid * 100)
        words = tuple(clean(word) for word in argv)
        self.running[one] = ProcessView(one, words, clean(user), ports)
        return one

    async def find(
        self, command: tuple[str, ...], cwd: str, pidfile: str
    ) -> tuple[ProcessView, ...]:
        named = self.pidfiles.get(pidfile)
        if named in self.running:
            return (self.running[named],)
        return tuple(
            view
            for view in self.running.values()
            if command and view.argv[: len(command)] == command
        )

    async def of_action(self, action_id: str) -> tuple[ProcessView, ...]:
        return ()

    async def is_running(self, one: ProcessId) -> bool:
        return one in self.running

    async def end(self, ones: tuple[ProcessId, ...], grace_s: float) -> tuple[ProcessId, ...]:
        if self.foreign & set(ones):
            raise ClientDenied("it belongs to another user")
        self.kill.strike("before")
        for one in ones:
            self.running.pop(one, None)
            self.kill.strike("amid")
        self.kill.strike("after")
        return tuple(one for one in ones if one in self.stubborn)

    async def start(
        self, argv: tuple[str, ...], cwd: str, env: tuple[tuple[str, str], ...], log: str
    ) -> ProcessId:
        if self.start_error:
            raise self.start_error
        self.kill.strike("before")
        self.started.append((argv, cwd, env, log))
        one = self.put(*argv, ports=self.ports_of.get(argv[0], ()))
        self.kill.strike("after")
        return one

    async def listening(self, ports: tuple[int, ...]) -> dict[int, SafeText]:
        holders = {
            port: clean(f"pid {view.id.pid}, {view.argv[0]}")
            for view in self.running.values()
            for port in view.ports
        }
        return {port: who for port, who in {**self.held, **holders}.items() if port in ports}
