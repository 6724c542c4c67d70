"""The demo's folder: where everything is, and what may be found out from it."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PREFIX = "quarterdeck-demo-"


@dataclass(frozen=True, slots=True)
class Home:
    """Paths inside one demo folder, and the few facts that its processes share."""

    folder: Path

    @property
    def record(self) -> Path:
        """What the demo started, as JSON; its presence makes the folder a demo folder."""
        return self.folder / "demo.json"

    @property
    def config(self) -> Path:
        """The console's configuration for this demo."""
        return self.folder / "quarterdeck.yaml"

    @property
    def socket(self) -> Path:
        """Where the running demo takes orders."""
        return self.folder / "control.sock"

    def system(self, name: str) -> Path:
        """Return the root of one system's deployment."""
        return self.folder / "systems" / name

    def pidfile(self, service: str) -> Path:
        """Return a service's pidfile."""
        return self.folder / "run" / f"{service}.pid"

    def ports(self) -> dict[str, int]:
        """Return service name to loopback port, as chosen when the demo started."""
        return json.loads((self.folder / "run" / "ports.json").read_text("utf-8"))

    def write_ports(self, ports: Mapping[str, int]) -> None:
        """Remember the chosen ports for every process of the demo."""
        write_whole(self.folder / "run" / "ports.json", json.dumps(dict(ports), indent=1))

    def is_on(self, fault: str) -> bool:
        """Tell whether a fault is switched on; one stat, so it may be asked at every request."""
        return os.path.exists(f"{self.folder}/faults/{fault}")  # noqa: PTH110 - asked very often

    def switch(self, fault: str, on: bool) -> None:
        """Switch a fault's flag, which the systems read."""
        flag = self.folder / "faults" / fault
        if on:
            flag.touch(mode=0o600)
        else:
            flag.unlink(missing_ok=True)


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file at once, so that nobody reads half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def temporary_parent() -> Path:
    """Return where demo folders are made unless one is named."""
    return Path(tempfile.gettempdir())


def home_of(arguments: list[str]) -> Home:
    """Return the folder named by `--home FOLDER`."""
    return Home(Path(arguments[arguments.index("--home") + 1]))


def read_env(path: Path) -> dict[str, str]:
    """Return the plain `NAME=value` lines of an env file."""
    pairs = (line.partition("=") for line in path.read_text("utf-8").splitlines())
    return {name.strip(): value.strip() for name, sign, value in pairs if sign and name[:1] != "#"}
