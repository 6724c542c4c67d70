"""Runs a command and judges it; its result is kept, because it leaves nothing else to look at."""

import json
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from core.actions.judging import Judged, Report, judge
from core.actions.part import BareStep, Proven, Seen, part
from core.actions.ports import Ports
from core.actions.results import TriedStep, begin, forget, look, proof_of, settle
from core.actions.verdicts.judged import bad
from core.actions.work import Work
from core.clients.acting.commands import Order, Ran
from core.errors import ClientDenied, ClientError, ClientMissing, ClientTimeout, StepFailedError
from core.model.operation import JudgeSpec
from core.model.secret import Secret
from core.model.text import SafeText, clean

MAX_OUTPUT_BYTES = 4 * 1024 * 1024
_REPORT_BYTES = 1024 * 1024
_SECRET_BYTES = 64 * 1024
_ANY_EXIT = tuple(range(256))


def spec_text(spec: JudgeSpec | None) -> str:
    """Return how success is told, as a step holds it."""
    return json.dumps(asdict(spec), sort_keys=True) if spec else ""


def _spec_of(text: str) -> JudgeSpec | None:
    if not text:
        return None
    fields: dict[str, Any] = json.loads(text)
    return JudgeSpec(**{name: _tupled(value) for name, value in fields.items()})


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


@dataclass(frozen=True, slots=True)
class _Command:
    """What to run and how to tell that it went well."""

    argv: tuple[str, ...]
    """The absolute program first."""
    result: str
    cwd: str = ""
    env: tuple[tuple[str, str], ...] = ()
    deadline_s: float = 120.0
    told: tuple[str, ...] = ()
    """The command as the configuration has it, without what carries it into a container."""
    spec: str = ""
    stdin_file: str = ""

    async def observe(self, ports: Ports) -> Seen:
        """Look at the result that it left."""
        return await look(ports, self.result)

    async def run(self, ports: Ports, work: Work) -> None:
        """Run it, judge it, keep the result.

        Raises:
            StepFailedError: it did not go well; the text is what it said.
        """
        await begin(ports, self.result, work)
        try:
            secret = await self._secret(ports)
            ran = await ports.commands.run(self._order(work, secret))
            judged = judge(_spec_of(self.spec), ran, self.told, await self._report(ports))
        except (ClientMissing, ClientDenied):
            await forget(ports, self.result, work)  # it has not been started
            raise
        except ClientTimeout as error:
            judged = bad(f"{error}{self._beyond()}")
        await settle(ports, self.result, work, judged)
        if judged.is_good is False:
            raise StepFailedError(judged.text)

    def _beyond(self) -> str:
        is_inside = len(self.argv) > len(self.told)
        return "; inside its container it may go on" if is_inside else ""

    def _order(self, work: Work, secret: Secret | None) -> Order:
        return Order(
            self.argv, self.deadline_s, self.cwd, self.env, secret, work.output,
            MAX_OUTPUT_BYTES, _ANY_EXIT,
        )  # fmt: skip

    async def _secret(self, ports: Ports) -> Secret | None:
        if not self.stdin_file:
            return None
        data = await ports.files.read(self.stdin_file, _SECRET_BYTES)
        return Secret(data.decode("utf-8", "replace"))

    async def _report(self, ports: Ports) -> Report | None:
        spec = _spec_of(self.spec)
        if spec is None or not spec.report:
            return None
        return await read_report(ports, spec.report)


async def read_report(ports: Ports, path: str) -> Report | None:
    """Return a report and how old it is; None: there is none that can be read."""
    folder, _, name = path.rpartition("/")
    try:
        data = await ports.files.read(path, _REPORT_BYTES)
        entries = (await ports.files.folder(folder or "/")).entries
    except ClientError:
        return None
    written_s = next((one.modified_ns / 1e9 for one in entries if one.name == name), 0.0)
    return Report(data, max(0.0, ports.clock.now().timestamp() - written_s))


@part
@dataclass(frozen=True, slots=True)
class RunCommand(_Command, BareStep):
    """A command that may change something: there is no way back from it."""

    kind: ClassVar[str] = "command.run"

    async def apply(self, ports: Ports, work: Work) -> None:
        """Run it."""
        await self.run(ports, work)


@part
@dataclass(frozen=True, slots=True)
class TryCommand(TriedStep, _Command):
    """A command that only looks or tries."""

    kind: ClassVar[str] = "command.try"

    async def apply(self, ports: Ports, work: Work) -> None:
        """Run it."""
        await self.run(ports, work)


@part
@dataclass(frozen=True, slots=True)
class SecondLook:
    """What another command says of what the first one did: `alembic current`, `pip check`."""

    kind: ClassVar[str] = "evidence.second_look"
    argv: tuple[str, ...]
    told: tuple[str, ...]
    cwd: str = ""
    env: tuple[tuple[str, str], ...] = ()
    deadline_s: float = 60.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Run it and judge it."""
        order = Order(
            self.argv, self.deadline_s, self.cwd, self.env, output=work.output, ok_exits=_ANY_EXIT
        )
        judged: Judged = judge(None, await self._ran(ports, order), self.told)
        shown = SafeText(" ").join(clean(word) for word in self.told)
        return Proven(proof_of(judged), clean(f"{shown}: {judged.text}"))

    async def _ran(self, ports: Ports, order: Order) -> Ran:
        return await ports.commands.run(order)
