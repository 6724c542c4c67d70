"""`logs.compress`, `logs.archive`, `logs.expire`, `logs.snapshot`: housekeeping by the rules."""

import posixpath
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Input, Offer, Site
from core.actions.families.logs_plans import (
    ALL,
    LogGround,
    chosen_of,
    narrowed,
    path_of,
    preview_of,
    read_ground,
)
from core.actions.families.logs_steps import (
    ArchiveHolds,
    ArchiveLogs,
    CopyLog,
    DeleteLog,
    FilesStay,
    FilesTrait,
    Known,
    PackLog,
    RemovePacked,
)
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.traits import FileTrait
from core.errors import ActionError
from core.logs.keeping.claims import claims_of, logs_of, rules_of
from core.logs.keeping.plan import KeepingPlan, PlannedFile
from core.logs.keeping.plan_copies import plan_archive, plan_snapshot
from core.logs.keeping.plan_files import plan_compress, plan_delete
from core.model.action import ActionRequest, Danger, Preflight, Target
from core.model.text import EMPTY, SafeText, clean

_ROOM_BYTES = 64 * 1024 * 1024
_STEP_S = 1800.0
_BYTES_PER_S = 40 * 1024 * 1024
"""What packing and reading back comes to on a small machine."""
_PACKED_SHARE = 0.4
"""Packed logs are taken to need twice of what they usually do."""


@dataclass(frozen=True, slots=True)
class _Doing:
    """What a plan over logs does, in steps and in words."""

    title: str
    steps: tuple[DraftStep, ...]
    radius: str
    way_back: str
    room: Preflight | None = None
    proofs: tuple[DraftProof, ...] = ()
    traits: tuple[DraftTrait, ...] | None = None
    """None: no file may have been written to since."""
    new_file: str = ""
    """It alone is the target: the logs are only read."""


def _known(one: PlannedFile) -> Known:
    mark = one.fingerprint
    return (mark.device, mark.inode, mark.size_bytes, mark.modified_ns)


async def _compress(site: Site, request: ActionRequest) -> Draft:
    ground = await read_ground(site, request.target)
    chosen = chosen_of(request.input("file"))
    plan = plan_compress(ground.listing, ground.rules, ground.now_s, chosen=chosen)
    plan = narrowed(plan, ground)
    steps: list[DraftStep] = []
    for one in plan.files:
        path, to, known = path_of(one.file), f"{path_of(one.file)}.gz", _known(one)
        steps += [
            DraftStep(
                clean(f"pack {one.file.path}"), PackLog(path, to, known), _STEP_S,
                undo=SafeText("the packed one is removed; the log was not touched"),
            ),
            DraftStep(
                clean(f"remove {one.file.path}"), RemovePacked(path, to, known), _STEP_S,
                is_irreversible=True, is_after_proof=True,
            ),
        ]  # fmt: skip
    needed = int(_PACKED_SHARE * plan.read_bytes)
    room = await _room(site, plan, needed)
    doing = _Doing(
        f"compress {len(plan.files)} log files",
        tuple(steps),
        f"{len(plan.files)} files, {plan.read_bytes} bytes, packed each beside itself;"
        f" about {plan.freed_bytes} bytes are free afterwards",
        "until the logs are removed: all of it; then gunzip",
        room,
    )
    return _draft(ground, plan, doing)


async def _expire(site: Site, request: ActionRequest) -> Draft:
    ground = await read_ground(site, request.target)
    chosen = chosen_of(request.input("file"))
    plan = plan_delete(ground.listing, ground.rules, ground.now_s, chosen=chosen)
    plan = narrowed(plan, ground)
    gone = tuple(path_of(one.file) for one in plan.files)
    steps = tuple(
        DraftStep(
            clean(f"delete {one.file.path}"), DeleteLog(path_of(one.file), _known(one)), _STEP_S,
            is_irreversible=True,
        )
        for one in plan.files
    )  # fmt: skip
    others = tuple(
        (path_of(file), file.fingerprint.inode)
        for file in ground.listing.files
        if path_of(file) not in gone
    )
    proof = DraftProof(SafeText("only those are gone"), FilesStay(gone, others))
    doing = _Doing(
        f"delete {len(gone)} log files",
        steps,
        f"{len(gone)} files past their term, {plan.freed_bytes} bytes; {len(others)} others stay",
        "none: what is deleted is gone",
        proofs=(proof,),
    )
    return _draft(ground, plan, doing)


async def _archive(site: Site, request: ActionRequest) -> Draft:
    ground = await read_ground(site, request.target)
    root = ground.system.root or site.operations_of(ground.system.name).root
    target = request.input("to") or (f"{root}/logs_archive_%Y%m%d.tar.gz" if root else "")
    if not target.startswith("/"):
        raise ActionError("to=/path/of/logs_%Y%m%d.tar.gz says where the archive goes")
    plan = narrowed(plan_archive(ground.listing, target, ground.now_s), ground)
    to = str(plan.files[0].target) if plan.files else target
    members = tuple(
        (path_of(one.file), _inside(path_of(one.file), root), _known(one)) for one in plan.files
    )
    steps: tuple[DraftStep, ...] = ()
    proofs: tuple[DraftProof, ...] = ()
    if plan.files:
        back = SafeText("the archive is removed")
        steps = (DraftStep(clean(f"archive to {to}"), ArchiveLogs(to, members), 7200.0, undo=back),)
        held = ArchiveHolds(to, tuple((path, name) for path, name, _ in members))
        proofs = (DraftProof(SafeText("every byte compared"), held),)
    doing = _Doing(
        f"archive {len(plan.files)} log files",
        steps,
        f"1 new file {to}, readable by us alone; {len(plan.files)} logs stay as they are",
        "the archive is removed",
        await _room(site, plan, plan.needed_bytes),
        proofs,
        new_file=to,
    )
    return _draft(ground, plan, doing)


def _inside(path: str, root: str) -> str:
    below = path.removeprefix(f"{root.rstrip('/')}/") if root else path
    return below.lstrip("/")


async def _snapshot(site: Site, request: ActionRequest) -> Draft:
    ground = await read_ground(site, request.target)
    if ground.is_class:
        names = ", ".join(name.partition("/")[2] for name, _ in logs_of(ground.system))
        raise ActionError(f"a snapshot is of one log; there are: {names}")
    target = request.input("to") or _beside(ground)
    plan = plan_snapshot(ground.listing, ground.wanted, target, ground.now_s)
    # Where a log has one lasting name, dated files beside it are what it became.
    lasting = tuple(one for one in plan.files if one.file.name.day is None)
    plan = replace(plan, files=lasting or plan.files)
    steps = tuple(
        DraftStep(
            clean(f"copy {one.file.path} to {one.target}"),
            CopyLog(path_of(one.file), _target(one)), _STEP_S,
            undo=SafeText("the copy is removed"),
        )
        for one in plan.files
    )  # fmt: skip
    # The log itself may grow: only that nothing takes the copy's place is held on to.
    absent = tuple(
        DraftTrait(clean(f"file {one.target}"), FileTrait(_target(one))) for one in plan.files
    )
    doing = _Doing(
        f"copy {ground.wanted} as it is now",
        steps,
        f"{len(plan.files)} new files, {plan.read_bytes} bytes; the log is only read",
        "the copy is removed",
        await _room(site, plan, plan.needed_bytes),
        traits=absent,
    )
    return _draft(ground, plan, doing)


def _target(one: PlannedFile) -> str:
    return (one.raw_target or b"").decode("utf-8", "surrogateescape")


def _beside(ground: LogGround) -> str:
    """Return where a snapshot goes unless somebody says otherwise: beside what is written to."""
    live = [file for file in ground.listing.files if file.log_class.log == ground.wanted]
    if not live:
        return f"/{ground.wanted}"
    path = PurePosixPath(path_of(max(live, key=lambda file: file.modified_s)))
    stem = ground.wanted.rpartition("/")[2]
    return str(path.with_name(f"{stem}_pre_restart_%Y%m%d{path.suffix}"))


def _draft(ground: LogGround, plan: KeepingPlan, doing: _Doing) -> Draft:
    paths = tuple(path_of(one.file) for one in plan.files)
    folders = sorted({posixpath.dirname(path) for path in paths})
    flights = [warning("list", text) for text in plan.warnings]
    if not plan.files:
        flights.append(stop_flight("files", "no file is to be touched: nothing to do"))
    if all(file.is_open_by_writer is None for file in ground.listing.files):
        text = "which files are open for writing is not known without root"
        flights.append(warning("open files", text, "files written to within 10 min are left alone"))
    targets = tuple(Target("file", path_of(one.file), one.file.path) for one in plan.files)
    own = (Target("file", doing.new_file, clean(doing.new_file)),)
    still = DraftTrait(clean(f"{len(paths)} files, as listed"), FilesTrait(paths))
    traits = doing.traits if doing.traits is not None else (still,)
    return Draft(
        title=clean(f"{doing.title} of {ground.system.name}"),
        targets=own if doing.new_file else targets,
        steps=doing.steps,
        traits=traits if paths else (),
        proofs=doing.proofs,
        radius=(clean(doing.radius),),
        preflight=(*flights, *((doing.room,) if doing.room else ())),
        preview=preview_of(plan),
        locks=tuple(f"folder:{folder}" for folder in folders),
        way_back=clean(doing.way_back),
        estimate_s=2.0 + 2 * plan.read_bytes / _BYTES_PER_S,
    )


async def _room(site: Site, plan: KeepingPlan, needed: int) -> Preflight | None:
    if not plan.files:
        return None
    target = plan.files[0].raw_target or plan.files[0].file.raw_path
    folder = posixpath.dirname(target.decode("utf-8", "surrogateescape"))
    free = await site.ports.files.free_bytes(folder)
    if free < needed + _ROOM_BYTES:
        text = f"{free} bytes free in {folder}, up to {needed} needed"
        return stop_flight("disk", text, "name fewer files, or make room")
    return passed("disk", f"{free // (1024 * 1024)} MiB free, up to {needed} bytes needed")


def _offer(action: str, verb: str, site: Site) -> tuple[Offer, ...]:
    """Offer each class that has logs, and all of them."""
    found: list[Offer] = []
    for system in site.topology.systems:
        if not claims_of(system):
            continue
        found.append(Offer(action, f"{system.name}/{ALL}", clean(f"{verb} of {system.name}")))
        for name in rules_of(system):
            title = clean(f"{verb} of {system.name}, class {name}")
            found.append(Offer(action, f"{system.name}/{name}", title))
    return tuple(found)


def _offer_snapshot(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            "logs.snapshot", name, clean(f"Copy {name} before a restart"),
            EMPTY if spec.path else SafeText("it is in no file"),
        )
        for system in site.topology.systems
        for name, spec in logs_of(system)
    )  # fmt: skip


_FILE = Input("file", "only these paths, with commas")

ACTIONS: tuple[Action, ...] = (
    Action(
        "logs.compress", "Compress finished logs", "compress", Danger.CHANGE,
        lambda site: _offer("logs.compress", "Compress logs", site), _compress, (_FILE,),
    ),
    Action(
        "logs.expire", "Delete logs past their term", "delete", Danger.DESTROY,
        lambda site: _offer("logs.expire", "Delete old logs", site), _expire, (_FILE,),
    ),
    Action(
        "logs.archive", "Put logs into one archive", "archive", Danger.COPY,
        lambda site: _offer("logs.archive", "Archive logs", site), _archive,
        (Input("to", "the archive's path, with %Y%m%d"),),
    ),
    Action(
        "logs.snapshot", "Copy a log before a restart", "copy", Danger.COPY,
        _offer_snapshot, _snapshot, (Input("to", "the copy's path, with %Y%m%d"),),
    ),
)  # fmt: skip
