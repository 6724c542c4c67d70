"""Python packages of a release: a new environment or the one in use; and what is outdated.

pip's exit code proves little: what counts is what `pip check` says of the whole, that nothing of
the requirements is left to install, and a receipt in the environment that names the action.
"""

import json
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from core.actions.part import BareStep, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.verdicts.outdated import Outdated, parse_npm_outdated, parse_pip_outdated
from core.actions.work import Work, digest
from core.clients.acting.commands import Order, Ran
from core.errors import ClientError, ClientMissing, StepFailedError
from core.model.text import EMPTY, SafeText, clean

INSTALL_S = 900.0
_LOOK_S = 60.0
_RECEIPT = "quarterdeck-requirements"
_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")
_ENV = (
    ("PIP_NO_COLOR", "1"),
    ("PYTHONNOUSERSITE", "1"),
    ("PIP_RETRIES", "1"),
    ("PIP_ROOT_USER_ACTION", "ignore"),
)
_UNREACHABLE = ("Retrying (", "connection", "timed out", "ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN")
_KEPT = "packages.txt"


async def _pip(ports: Ports, python: str, *words: str, deadline_s: float = _LOOK_S) -> Ran:
    return await ports.commands.run(
        Order((python, *_PIP, *words), deadline_s, env=_ENV, ok_exits=(0, 1, 2))
    )


def _said(ran: Ran) -> SafeText:
    """Return the last thing that was said, for a person."""
    return next((line for line in reversed(ran.lines) if line.strip()), SafeText("nothing"))


async def frozen_packages(ports: Ports, venv: str) -> tuple[str, ...]:
    """Return `name==version` of every package, sorted.

    Raises:
        ClientError: the environment is not there, or has no pip.
    """
    ran = await _pip(ports, f"{venv}/bin/python", "freeze", "--all")
    if ran.exit_code:
        raise ClientMissing(f"pip freeze fails in {clean(venv)}: {_said(ran)}")
    return tuple(sorted(line for line in ran.output if line and not line.startswith("#")))


def packages_digest(packages: tuple[str, ...]) -> str:
    """Return the SHA-256 of a list of packages."""
    return digest("\n".join(packages).encode())


@dataclass(frozen=True, slots=True)
class _Venv:
    """One environment, looked at."""

    ports: Ports
    venv: str
    requirements: str
    token: str

    @property
    def python(self) -> str:
        return f"{self.venv}/bin/python"

    @property
    def receipt(self) -> str:
        return f"{self.venv}/{_RECEIPT}"

    async def has_receipt(self) -> bool:
        try:
            return await self.ports.files.read(self.receipt) == self.token.encode()
        except ClientMissing:
            return False

    async def problem(self) -> SafeText:
        """Return what is wrong with it; empty: nothing."""
        check = await _pip(self.ports, self.python, "check")
        if check.exit_code:
            return clean(f"pip check: {_said(check)}")
        left = await _pip(
            self.ports, self.python, "install", "--dry-run", "--no-index", "--quiet", "--report",
            "-", "-r", self.requirements,
        )  # fmt: skip
        if left.exit_code:
            return clean(f"not everything is installed: {_said(left)}")
        try:
            report = cast("dict[str, Any]", json.loads("".join(left.output)))
            wanted = len(report["install"])
        except (ValueError, KeyError, TypeError):
            return SafeText("pip does not tell whether everything is installed")
        return clean(f"{wanted} packages are still to be installed") if wanted else EMPTY

    async def install(self, work: Work) -> None:
        ran = await self.ports.commands.run(
            Order(
                (self.python, *_PIP, "install", "-r", self.requirements),
                INSTALL_S, env=_ENV, output=work.output,
            )
        )  # fmt: skip
        if ran.exit_code:
            raise StepFailedError(f"pip install ended with {ran.exit_code}: {_said(ran)}")
        if problem := await self.problem():
            raise StepFailedError(problem)

    async def write_receipt(self) -> None:
        await self.drop_receipt()
        await self.ports.files.create(self.receipt, self.token.encode(), 0o644, self.token)

    async def drop_receipt(self) -> None:
        await self.ports.files.clear_temporary(self.receipt, self.token)
        try:
            facts = await self.ports.files.facts(self.receipt)
        except ClientMissing:
            return
        await self.ports.files.remove(self.receipt, facts.sha256)


@part
@dataclass(frozen=True, slots=True)
class InstallRequirements(BareStep):
    """Installs a release's requirements into the environment that is in use."""

    kind: ClassVar[str] = "dependencies.install"
    can_undo: ClassVar[bool] = True
    venv: str
    requirements: str
    was: str
    """Digest of the packages before."""
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """Tell by the receipt and the packages."""
        one = self._venv(ports)
        packages = await frozen_packages(ports, self.venv)
        has_receipt = await one.has_receipt()
        if not has_receipt:
            sight = Sight.BEFORE if packages_digest(packages) == self.was else Sight.NEITHER
            return Seen(sight, clean(f"{len(packages)} packages in {self.venv}"))
        problem = await one.problem()
        sight = Sight.NEITHER if problem else Sight.AFTER
        return Seen(sight, problem or clean(f"{len(packages)} packages, pip check is content"))

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep the list of packages."""
        packages = await frozen_packages(ports, self.venv)
        work.keep(_KEPT, "\n".join(packages).encode())

    async def apply(self, ports: Ports, work: Work) -> None:
        """Install, check, and leave the receipt."""
        one = self._venv(ports)
        await one.install(work)
        await one.write_receipt()

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put the packages back as they were; needs them in pip's cache, or its index."""
        one = self._venv(ports)
        kept = tuple(work.kept(_KEPT).decode().splitlines())
        now = await frozen_packages(ports, self.venv)
        python = one.python
        new = [_name(line) for line in now if _name(line) not in set(map(_name, kept))]
        if new:
            await _pip(ports, python, "uninstall", "--yes", "--", *new, deadline_s=INSTALL_S)
        other = [line for line in kept if line not in now]
        if other:
            ran = await _pip(
                ports, python, "install", "--no-deps", "--", *other, deadline_s=INSTALL_S
            )
            if ran.exit_code:
                raise StepFailedError(f"the packages cannot be put back: {_said(ran)}")
        await one.drop_receipt()

    def _venv(self, ports: Ports) -> _Venv:
        return _Venv(ports, self.venv, self.requirements, self.token)


def _name(line: str) -> str:
    """Return a package's name from a line of `pip freeze`."""
    return line.partition("==")[0].partition(" @ ")[0].strip().lower()


@part
@dataclass(frozen=True, slots=True)
class MakeEnvironment(BareStep):
    """Makes a new release's own environment; the one in use is not touched."""

    kind: ClassVar[str] = "dependencies.make"
    can_undo: ClassVar[bool] = True
    python: str
    """The interpreter that the environment in use was made from."""
    venv: str
    requirements: str
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is there, whole."""
        try:
            await ports.files.folder(self.venv)
        except ClientMissing:
            return Seen(Sight.BEFORE, clean(f"{self.venv} is not there"))
        one = self._venv(ports)
        if not await one.has_receipt():
            return Seen(Sight.NEITHER, clean(f"{self.venv} is half made"))
        problem = await one.problem()
        text = problem or clean(f"{self.venv} is whole, pip check is content")
        return Seen(Sight.NEITHER if problem else Sight.AFTER, text)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Make it, install, check, and leave the receipt."""
        ran = await ports.commands.run(
            Order((self.python, "-m", "venv", "--", self.venv), INSTALL_S, output=work.output)
        )
        if ran.exit_code:
            raise StepFailedError(f"no environment can be made: {_said(ran)}")
        one = self._venv(ports)
        await one.install(work)
        await one.write_receipt()

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put it aside; it goes with the release's folder."""
        try:
            facts = await ports.files.folder(self.venv)
        except ClientMissing:
            return
        await ports.files.move(self.venv, f"{self.venv}.undone-{self.token}", facts.inode)

    def _venv(self, ports: Ports) -> _Venv:
        return _Venv(ports, self.venv, self.requirements, self.token)


async def base_python(ports: Ports, venv: str) -> str:
    """Return the interpreter that an environment was made from.

    Raises:
        ClientError: it is none, or does not say.
    """
    text = (await ports.files.read(f"{venv}/pyvenv.cfg")).decode("utf-8", "replace")
    pairs = (line.partition("=") for line in text.splitlines())
    words = {key.strip(): value.strip() for key, _, value in pairs}
    home = words.get("home", "")
    if not home.startswith("/"):
        raise ClientMissing(f"{clean(venv)}/pyvenv.cfg does not say what it was made from")
    return words.get("executable") or f"{home}/python3"


@dataclass(frozen=True, slots=True)
class OutdatedView:
    """What is outdated, as far as it can be known."""

    packages: tuple[Outdated, ...]
    problem: SafeText = EMPTY
    """Why it is not known; then `packages` means nothing."""


async def outdated_python(ports: Ports, venv: str) -> OutdatedView:
    """Return outdated packages of an environment; reads only, asks pip's index.

    pip answers `[]` and 0 as well when it reaches nobody, so what it mutters decides.
    """
    try:
        ran = await _pip(
            ports, f"{venv}/bin/python", "--timeout", "5", "list", "--outdated", "--format=json"
        )
    except ClientError as error:
        return OutdatedView((), clean(str(error)))
    if ran.exit_code or _is_unreachable(ran):
        return OutdatedView((), _why(ran, "pip's index"))
    return _viewed(ran, parse_pip_outdated(ran.output))


async def outdated_node(ports: Ports, folder: str) -> OutdatedView:
    """Return outdated packages of a folder with a package.json; exit 1: there are some."""
    order = Order(("npm", "outdated", "--json"), _LOOK_S, folder, ok_exits=(0, 1))
    try:
        ran = await ports.commands.run(order)
    except ClientError as error:
        return OutdatedView((), clean(str(error)))
    if _is_unreachable(ran):
        return OutdatedView((), _why(ran, "npm's registry"))
    return _viewed(ran, parse_npm_outdated(ran.output))


def _is_unreachable(ran: Ran) -> bool:
    return any(word in line for line in ran.lines for word in _UNREACHABLE)


def _why(ran: Ran, place: str) -> SafeText:
    reached = f"{place} is not reachable from here" if _is_unreachable(ran) else "it failed"
    return clean(f"{reached}, so what is outdated is not known: {_said(ran)}")


def _viewed(ran: Ran, found: tuple[Outdated, ...] | None) -> OutdatedView:
    if found is None:
        return OutdatedView((), clean(f"the answer cannot be read: {_said(ran)}"))
    return OutdatedView(found)
