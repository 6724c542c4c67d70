"""Starts the five demo systems, switches their faults, and leaves nothing when it ends."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from demo import breaker, server_redis
from demo.cleanup import clean, clean_stale, end_processes, is_alive, remove, write_record
from demo.configuration import write_configuration
from demo.control import ControlServer, faults_of
from demo.faults import find
from demo.home import PREFIX, Home
from demo.ports import free_ports
from demo.processes import PARENT, Identity, end_all, identity_of
from demo.resp import Redis, RedisGone
from demo.seed import checkout, decision_engine, others, streams
from demo.services import BY_NAME, SERVICES

_READY_S = 60.0
_PACKAGES = Path(__file__).parents[1]

Tell = Callable[[str], None]


class DemoFailed(Exception):
    """The demo cannot be started; the text says why and what to do."""


def new_folder() -> Path:
    """Make a private temporary folder for a demo."""
    return Path(tempfile.mkdtemp(prefix=PREFIX))


class Demo:
    """Five systems, a Redis server, their load and their faults, in one folder.

    Every process is started from one thread that lives as long as the demo, for the kernel ties
    a child's life to the thread that started it.
    """

    def __init__(self, folder: Path | None = None, tell: Tell = lambda _text: None) -> None:
        self._tell = tell
        self._wanted = folder
        self._home = Home(folder or Path())
        self._starter = ThreadPoolExecutor(1, "demo starter")
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started: list[Identity] = []
        self._control: ControlServer | None = None
        self._lock = threading.RLock()
        self._self = identity_of(os.getpid()) or Identity(os.getpid(), 0)

    @property
    def home(self) -> Home:
        """Where everything is."""
        return self._home

    def start(self, faults: Iterable[str] = ()) -> Path:
        """Start everything; return the console's configuration once all of it answers.

        Raises:
            DemoFailed: something did not start; nothing of it is left.
            UnknownFault: there is no such fault.
        """
        wanted = [find(name).name for name in faults]
        clean_stale()
        self._home = Home(self._folder().resolve())
        try:
            return self._start(wanted)
        except BaseException as error:
            self.stop()
            if isinstance(error, OSError | subprocess.SubprocessError | server_redis.NoServer):
                raise DemoFailed(str(error)) from error
            raise

    def stop(self) -> None:
        """End every process, last started first, and remove the folder."""
        with self._lock:
            if self._control is not None:
                self._control.stop()
                self._control = None
            if self._home.record.exists():
                end_processes(self._home, self._reap)
            # The caretaker goes after the folder: whoever kills us meanwhile leaves it the rest.
            caretaker = self._children.pop("caretaker", None)
            self._take_exit_codes()
            if self._home.record.exists():
                remove(self._home)
            if caretaker is not None:
                caretaker.kill()
                caretaker.wait()
            self._starter.shutdown(wait=False)

    def faults(self) -> dict[str, bool]:
        """Return every fault and whether it is on."""
        return faults_of(self._home)

    def set_fault(self, name: str, on: bool) -> None:
        """Switch a fault; return when it is in effect.

        Raises:
            UnknownFault: there is none of that name.
        """
        find(name)
        with self._lock:
            self._home.switch(name, on)
            match name:
                case "redis-down":
                    self._switch_redis(is_up=not on)
                case "upstream-down":
                    self._switch_service("upstream-service", is_up=not on)
                    self._set_breaker("CLOSED" if not on else "")
                case "breaker-open":
                    self._set_breaker("OPEN" if on else "CLOSED")
                case _:
                    pass

    def _start(self, faults: list[str]) -> Path:
        home = self._home
        for folder in ("run", "faults", "redis"):
            (home.folder / folder).mkdir()
        write_record(home, self._self, ())
        self._start_caretaker()
        names = [service.name for service in SERVICES]
        ports = dict(zip([server_redis.NAME, *names], free_ports(len(names) + 1), strict=True))
        home.write_ports(ports)
        self._tell("starting redis")
        self._start_redis()
        streams.seed(home)
        self._start_services()
        self._tell("waiting until they answer")
        self._wait_for_all()
        config = write_configuration(home, ports)
        self._spawn("load", [sys.executable, "-m", "demo.load", "--home", str(home.folder)])
        for name in faults:
            self.set_fault(name, True)
        self._control = ControlServer(home, self.set_fault)
        self._control.start()
        return config

    def _folder(self) -> Path:
        """Return an empty private folder to work in."""
        if self._wanted is None:
            return new_folder()
        folder = self._wanted
        if is_alive(Home(folder)):
            raise DemoFailed(f"a demo is running in {folder}; leave it first, or name another")
        clean(Home(folder))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise DemoFailed(f"{folder} is not empty; name an empty or a new folder")
        folder.chmod(0o700)
        return folder

    def _start_services(self) -> None:
        """Write each system's files and start it; the checkout comes last, it takes longest."""
        home = self._home
        (home.folder / "systems").mkdir()
        home.system("outside").mkdir()
        decision_engine.seed(home.system("decision-engine"))
        others.seed_ai_diy(home.system("ai-diy"))
        others.seed_business(home.system("business-engine"))
        others.seed_gateway(home.system("api-gateway"))
        last = "cost-dashboard"
        for service in SERVICES:
            if service.name != last:
                self._tell(f"starting {service.name}")
                self._start_service(service.name)
        self._tell(f"starting {last}")
        checkout.seed(home.system(last))
        self._start_service(last)

    def _start_service(self, name: str) -> None:
        service = BY_NAME[name]
        home = self._home
        self._spawn(name, service.command(home), service.place(home), service.output(home))

    def _start_redis(self) -> None:
        port = self._home.ports()[server_redis.NAME]
        command = server_redis.command(self._home, port)
        tethered = [sys.executable, "-S", "-m", "demo.tether", *command]
        child = self._spawn(server_redis.NAME, tethered)
        if not server_redis.wait_until_answering(port, child.pid):
            log = self._home.folder / "redis" / "redis-server.log"
            end = log.read_text("utf-8", "replace")[-300:] if log.exists() else ""
            raise DemoFailed(f"the Redis server did not start: {end.strip() or 'no word from it'}")

    def _start_caretaker(self) -> None:
        pair = (str(self._self.pid), str(self._self.start_ticks))
        words = [sys.executable, "-S", "-m", "demo.caretaker", str(self._home.folder), *pair]
        self._children["caretaker"] = self._popen(words, Path("/"), None, _environment())

    def _spawn(
        self, name: str, command: list[str], cwd: Path | None = None, output: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a process that dies with this one, and record it."""
        environment = _environment() | {PARENT: str(os.getpid())}
        place = cwd or self._home.folder
        child = self._starter.submit(self._popen, command, place, output, environment).result()
        self._children[name] = child
        identity = identity_of(child.pid)
        if identity is not None:
            self._started.append(identity)
            write_record(self._home, self._self, self._started)
        return child

    def _popen(
        self, command: list[str], cwd: Path, output: Path | None, environment: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        with contextlib.ExitStack() as stack:
            out: int = subprocess.DEVNULL
            if output is not None:
                out = stack.enter_context(output.open("ab")).fileno()
            return subprocess.Popen(
                command,
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_for_all(self) -> None:
        until = time.monotonic() + _READY_S
        waiting = {service.name for service in SERVICES}
        while waiting:
            for name in sorted(waiting):
                if self._answers(name):
                    waiting.discard(name)
                    self._tell(f"{name} answers ({len(SERVICES) - len(waiting)}/{len(SERVICES)})")
                elif self._children[name].poll() is not None:
                    raise DemoFailed(f"{name} ended while starting: {self._last_words(name)}")
            if time.monotonic() > until:
                raise DemoFailed(f"no answer within {_READY_S:.0f} s from {', '.join(waiting)}")
            time.sleep(0.01)

    def _answers(self, name: str) -> bool:
        service = BY_NAME[name]
        if not self._home.pidfile(name).exists():
            return False
        url = f"http://127.0.0.1:{self._home.ports()[name]}{service.health}"
        try:
            with urllib.request.urlopen(url, timeout=1.0) as reply:
                return reply.status == 200
        except OSError:
            return False

    def _last_words(self, name: str) -> str:
        log = BY_NAME[name].output(self._home)
        lines = log.read_text("utf-8", "replace").strip().splitlines() if log.exists() else []
        return lines[-1] if lines else "it said nothing"

    def _switch_redis(self, *, is_up: bool) -> None:
        if is_up:
            if not self._is_up(server_redis.NAME):
                self._start_redis()
            return
        server_redis.save(self._home.ports()[server_redis.NAME])
        self._end(server_redis.NAME)

    def _switch_service(self, name: str, *, is_up: bool) -> None:
        if not is_up:
            self._end(name)
        elif not self._is_up(name):
            self._start_service(name)
            until = time.monotonic() + _READY_S
            while not self._answers(name) and time.monotonic() < until:
                time.sleep(0.01)

    def _set_breaker(self, state: str) -> None:
        if state:
            redis = Redis(self._home.ports()[server_redis.NAME])
            with contextlib.suppress(RedisGone):
                breaker.write_state(redis, state)
            redis.close()

    def _current(self, name: str) -> Identity | None:
        """Return who runs a service now, also when a console has restarted it."""
        try:
            return identity_of(int(self._home.pidfile(name).read_text("ascii").split()[0]))
        except (OSError, ValueError, IndexError):
            return None

    def _is_up(self, name: str) -> bool:
        return self._current(name) is not None

    def _end(self, name: str) -> None:
        current = self._current(name)
        if current is not None:
            end_all([current], reap=self._reap)
        child = self._children.get(name)
        if child is not None and identity_of(child.pid) is None:
            child.wait()
        self._home.pidfile(name).unlink(missing_ok=True)

    def _take_exit_codes(self) -> None:
        """Wait for the children; what its record no longer names is ended first."""
        alive = [one for child in self._children.values() if (one := identity_of(child.pid))]
        end_all(alive, reap=self._reap)
        for child in self._children.values():
            child.wait()
        self._children.clear()

    def _reap(self) -> None:
        for child in self._children.values():
            child.poll()


def _environment() -> dict[str, str]:
    """Return our environment, in which the demo's modules are found."""
    return {**os.environ, "PYTHONPATH": str(_PACKAGES), "PYTHONUNBUFFERED": "1"}
