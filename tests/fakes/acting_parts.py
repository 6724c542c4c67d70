"""Parts on plain files, for tests of the engine: two files that change together or not at all."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from core.actions.action import (
    Action,
    Draft,
    DraftProof,
    DraftStep,
    DraftTrait,
    Input,
    Offer,
    Site,
)
from core.actions.part import Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.errors import StepFailedError
from core.model.action import ActionRequest, Danger, Proof, Target
from core.model.text import SafeText, clean


def _text(path: str) -> str:
    return Path(path).read_text("utf-8")


@part
@dataclass(frozen=True, slots=True)
class Put:
    """Writes a text in two strokes, so that a kill between them leaves neither."""

    kind: ClassVar[str] = "test.put"
    can_undo: ClassVar[bool] = True

    path: str
    before: str
    after: str
    breaks: str = ""
    """`apply`: fails before it changes anything; `half`: after the first stroke; `lies`: changes
    nothing and reports success; `undo`: cannot be undone."""

    async def observe(self, ports: Ports) -> Seen:
        now = _text(self.path)
        sight = {self.before: Sight.BEFORE, self.after: Sight.AFTER}.get(now, Sight.NEITHER)
        return Seen(sight, clean(f"it holds {now!r}"))

    async def save(self, ports: Ports, work: Work) -> None:
        work.keep(Path(self.path).name, _text(self.path).encode())

    async def apply(self, ports: Ports, work: Work) -> None:
        if self.breaks == "apply":
            raise StepFailedError("it does not want to")
        if self.breaks == "lies":
            return
        Path(self.path).write_text("half", "utf-8")
        FAIL("half")
        if self.breaks == "half":
            raise StepFailedError("it stopped half-way")
        Path(self.path).write_text(self.after, "utf-8")

    async def undo(self, ports: Ports, work: Work) -> None:
        if self.breaks == "undo":
            raise StepFailedError("the way back is blocked")
        FAIL("undoing")
        Path(self.path).write_bytes(work.kept(Path(self.path).name))


def FAIL(_name: str) -> None:  # noqa: N802 - replaced by tests, as the engine's failpoints are
    """A failpoint inside a step."""


@part
@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds."""

    kind: ClassVar[str] = "test.content"
    path: str

    async def read(self, ports: Ports) -> SafeText:
        return clean(_text(self.path))


@part
@dataclass(frozen=True, slots=True)
class Reads:
    """That a file holds a text."""

    kind: ClassVar[str] = "test.reads"
    path: str
    wanted: str
    otherwise: str = "failed"

    async def prove(self, ports: Ports, work: Work) -> Proven:
        if _text(self.path) == self.wanted:
            return Proven(Proof.VERIFIED, SafeText("it does"))
        return Proven(Proof(self.otherwise), clean(f"it holds {_text(self.path)!r}"))


def _offers(_site: Site) -> tuple[Offer, ...]:
    return (Offer("test.swap", "shop/files", SafeText("Swap two files")),)


async def _draft(_site: Site, request: ActionRequest) -> Draft:
    folder, breaks = Path(request.input("folder")), request.input("breaks")
    paths = [str(folder / name) for name in ("one", "two")]
    wanted = "new" if request.input("proof") != "fails" else "something else"
    return Draft(
        title=SafeText("swap two files"),
        targets=tuple(Target("file", path, clean(path)) for path in paths),
        steps=tuple(
            DraftStep(
                clean(f"write {Path(path).name}"), Put(path, "old", "new", breaks if last else "")
            )
            for path, last in zip(paths, (False, True), strict=True)
        ),
        traits=tuple(
            DraftTrait(clean(f"{Path(path).name} holds"), Content(path)) for path in paths
        ),
        proofs=(DraftProof(SafeText("the second file"), Reads(paths[1], wanted)),),
        way_back=SafeText("both are written back"),
    )


SWAP = Action(
    "test.swap",
    "Swap two files",
    "swap",
    Danger.CHANGE,
    _offers,
    _draft,
    (Input("folder", "where", is_required=True), Input("breaks", "how"), Input("proof", "how")),
)
