"""Results of steps that leave no trace: kept in files, so that a second look can tell.

A step that only asks, tries or runs a program changes nothing that could be looked at afterwards.
It writes that it begins, and what came of it, under a name made when it was planned.
"""

import json
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, ClassVar, cast

from core.actions.action import DraftStep
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.verdicts.judged import Fact, Judged
from core.actions.work import Work, digest
from core.errors import ActionError, ClientDenied, ClientMissing, StepFailedError
from core.model.action import Proof
from core.model.text import SafeText, clean
from core.model.veil import VEIL

_STARTED = ".started"
_MODE = 0o600
_CUT_OFF = SafeText("it was begun, and its end is not known; what it started may still go on")


def new_result(ports: Ports) -> str:
    """Return the path at which a step that is planned now will leave its result.

    Raises:
        ActionError: whoever built these ports keeps no results.
    """
    if not ports.results:
        raise ActionError("there is no folder for results")
    return f"{ports.results}/{token_hex(16)}.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is there of a step."""

    is_begun: bool
    judged: Judged | None


async def prepare_folder(ports: Ports, path: str) -> None:
    """Make the folder of a result, where there is none."""
    folder = path.rpartition("/")[0]
    try:
        await ports.files.folder(folder)
    except ClientMissing:
        await ports.files.make_folder(folder, 0o700)


async def begin(ports: Ports, result: str, work: Work) -> None:
    """Write that it begins.

    Raises:
        StepFailedError: it was begun before, and its end is not known.
    """
    await prepare_folder(ports, result)
    for path in (result, f"{result}{_STARTED}"):
        await ports.files.clear_temporary(path, work.action_id)
    try:
        await ports.files.create(
            f"{result}{_STARTED}", work.action_id.encode(), _MODE, work.action_id
        )
    except ClientDenied as error:
        if (await read(ports, result)).is_begun:
            raise StepFailedError("it was begun before, and its end is not known") from error
        raise


async def settle(ports: Ports, result: str, work: Work, judged: Judged) -> None:
    """Write what came of it, and say so."""
    words = {
        "is_good": judged.is_good,
        "text": judged.text,
        "facts": judged.facts,
        "is_absent": judged.is_absent,
    }
    data = VEIL.hide_bytes(json.dumps(words, ensure_ascii=True, indent=1).encode())
    work.keep("result.json", data)
    await ports.files.create(result, data, _MODE, work.action_id)
    work.say(judged.text)


async def forget(ports: Ports, result: str, work: Work) -> None:
    """Have nothing there, as before it was begun; the action's folder keeps its copy."""
    for path in (result, f"{result}{_STARTED}"):
        try:
            await ports.files.clear_temporary(path, work.action_id)
            data = await ports.files.read(path)
        except ClientMissing:
            continue
        await ports.files.remove(path, digest(data))


async def read(ports: Ports, result: str) -> Kept:
    """Return what is there."""
    try:
        data = await ports.files.read(result)
    except ClientMissing:
        data = b""
    if data:
        return Kept(True, _judged(data))
    try:
        await ports.files.facts(f"{result}{_STARTED}")
    except ClientMissing:
        return Kept(False, None)
    return Kept(True, None)


async def look(ports: Ports, result: str) -> Seen:
    """Return where a step stands that leaves nothing but its result.

    What ran and is not understood is done; that nobody knows whether it went well is for its proof.
    """
    kept = await read(ports, result)
    if kept.judged is not None:
        is_done = kept.judged.is_good is not False
        return Seen(Sight.AFTER if is_done else Sight.NEITHER, kept.judged.text)
    if kept.is_begun:
        return Seen(Sight.NEITHER, _CUT_OFF)
    return Seen(Sight.BEFORE, SafeText("it has not been run"))


class TriedStep:
    """What a step has that only asks or tries: cut off or failed it has changed nothing."""

    __slots__ = ()
    can_undo: ClassVar[bool] = True
    result: str

    async def observe(self, ports: Ports) -> Seen:
        """Look at the result that it left."""
        return await look(ports, self.result)

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing is needed for a way back."""

    async def undo(self, ports: Ports, work: Work) -> None:
        """Forget its result: the action's folder keeps a copy."""
        await forget(ports, self.result, work)

    async def end(self, ports: Ports, work: Work, judged: Judged) -> None:
        """Keep the result.

        Raises:
            StepFailedError: it is a bad one.
        """
        await settle(ports, self.result, work, judged)
        if judged.is_good is False:
            raise StepFailedError(judged.text)


@part
@dataclass(frozen=True, slots=True)
class ForgetResult(BareStep):
    """Has the marks of a run go, once they have been read: the action's folder keeps the result."""

    kind: ClassVar[str] = "result.forget"
    result: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether they are there."""
        is_there = (await read(ports, self.result)).is_begun
        text = clean("its marks are there" if is_there else "nothing is left of it")
        return Seen(Sight.BEFORE if is_there else Sight.AFTER, text)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Remove them."""
        await forget(ports, self.result, work)


def forgetting(result: str) -> DraftStep:
    """Return the last step of a plan whose steps leave a result."""
    return DraftStep(
        SafeText("clear the marks of this run"), ForgetResult(result), is_after_proof=True
    )


@part
@dataclass(frozen=True, slots=True)
class ResultSays:
    """What came of a step, as it was read."""

    kind: ClassVar[str] = "evidence.result_says"
    result: str

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Return what the result says."""
        judged = (await read(ports, self.result)).judged
        if judged is None:
            return Proven(Proof.FAILED, SafeText("there is no result"))
        return Proven(proof_of(judged), judged.text)


def proof_of(judged: Judged) -> Proof:
    """Return what a verdict is worth as a proof: what is not understood proves nothing."""
    if judged.is_good is None:
        return Proof.UNVERIFIED
    return Proof.VERIFIED if judged.is_good else Proof.FAILED


def _judged(data: bytes) -> Judged:
    """Return a stored verdict.

    Raises:
        ActionError: it is no verdict of ours.
    """
    try:
        words: Any = json.loads(data)
        facts = tuple((clean(name), _value(value)) for name, value in words["facts"])
        return Judged(words["is_good"], clean(words["text"]), facts, bool(words["is_absent"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ActionError("the result that is there is none of ours") from error


def _value(value: object) -> Any:
    return clean(value) if isinstance(value, str) else cast("Fact", value)
