"""Send a backup with its manifest to another host or a bucket, and look whether it arrived."""

import re
from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import Draft, DraftProof, DraftStep, DraftTrait, Site
from core.actions.backups.manifest import manifest_path
from core.actions.families.backups_make import backup_target
from core.actions.families.backups_sets import spec_of
from core.actions.families.backups_steps import PlaceTrait, proven_problem
from core.actions.families.backups_verify import chosen_copy, form_of
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.commands import Order
from core.errors import ActionError, ClientError, StepFailedError
from core.model.action import ActionRequest, Grade, Preflight, Proof
from core.model.operation import BackupSpec
from core.model.text import EMPTY, SafeText, clean

_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,62}(/[A-Za-z0-9._/-]*)?")
_REMOTE = re.compile(
    r"([A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*:/?([A-Za-z0-9._][A-Za-z0-9._/-]*)?"
)
_FOLDER = re.compile(r"/[A-Za-z0-9._/ -]*")
_DEADLINE_S = 6 * 3600.0
_LIST_S = 60.0
_SSH = "ssh -oBatchMode=yes -oConnectTimeout=15"
"""A prompt for a password would hang unseen."""


def reason_against_send(spec: BackupSpec) -> SafeText:
    """Return why copies of a set cannot be sent, as far as its configuration tells."""
    if not spec.offsite:
        return SafeText("no other place is configured: set backups.….offsite")
    if not any(one.fullmatch(spec.offsite) for one in (_BUCKET, _REMOTE, _FOLDER)):
        return SafeText("offsite is s3://bucket/…, host:/folder/ or a folder here")
    return EMPTY


def _is_bucket(place: str) -> bool:
    return place.startswith("s3://")


def _arrived_as(place: str, path: str) -> str:
    return f"{place.rstrip('/')}/{path.rpartition('/')[2]}"


async def list_there(ports: Ports, place: str, path: str) -> int | None:
    """Return the size that a file has at the other place; None: it is not there.

    Raises:
        ClientError, StepFailedError: the tool is missing, or the place cannot be asked.
    """
    there = _arrived_as(place, path)
    if _is_bucket(place):
        ran = await ports.commands.run(Order(("aws", "s3", "ls", "--", there), _LIST_S))
        rows = [line.split(maxsplit=3) for line in ran.output]
        sizes = [row[2] for row in rows if len(row) == 4 and row[3] == there.rpartition("/")[2]]
        if ran.exit_code not in (0, 1) or (ran.exit_code == 1 and ran.errors):
            raise StepFailedError(f"aws ended with {ran.exit_code}: {' '.join(ran.errors[:2])}")
        return int(sizes[0]) if sizes and sizes[0].isdigit() else None
    argv = ("rsync", "--list-only", "--no-h", f"--rsh={_SSH}", "--", there)
    ran = await ports.commands.run(Order(argv, _LIST_S))
    if ran.exit_code == 0 and ran.output:
        size = ran.output[0].split()[1].replace(",", "")
        return int(size) if size.isdigit() else None
    if ran.exit_code in (23, 24):  # rsync's word for a file that is not there
        return None
    raise StepFailedError(f"rsync ended with {ran.exit_code}: {' '.join(ran.errors[:2])}")


@part
@dataclass(frozen=True, slots=True)
class SendBackup(BareStep):
    """One file goes to the other place; what is there already is not written over."""

    kind: ClassVar[str] = "backups.send"

    path: str
    place: str
    size_bytes: int

    async def observe(self, ports: Ports) -> Seen:
        """It is there with all its bytes, or not."""
        size = await list_there(ports, self.place, self.path)
        there = clean(_arrived_as(self.place, self.path))
        if size is None:
            return Seen(Sight.BEFORE, clean(f"{there} is not there"))
        if size == self.size_bytes:
            return Seen(Sight.AFTER, clean(f"{there} has {size} bytes"))
        return Seen(Sight.NEITHER, clean(f"{there} has {size} bytes, not {self.size_bytes}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Send it, with words that cannot be options."""
        there = _arrived_as(self.place, self.path)
        if _is_bucket(self.place):
            argv = ("aws", "s3", "cp", "--no-progress", "--only-show-errors", self.path, there)
        else:
            argv = (
                "rsync", "--times", "--ignore-existing", "--chmod=F600", f"--rsh={_SSH}",
                "--", self.path, f"{self.place.rstrip('/')}/",
            )  # fmt: skip
        ran = await ports.commands.run(Order(argv, _DEADLINE_S, output=work.output))
        if ran.exit_code != 0:
            raise StepFailedError(
                f"{argv[0]} ended with {ran.exit_code}: {' '.join(ran.errors[:3])}"
            )


@part
@dataclass(frozen=True, slots=True)
class ArrivedWhole:
    """The other place lists a file with all its bytes."""

    kind: ClassVar[str] = "backups.arrived"

    path: str
    place: str
    size_bytes: int

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Ask the other place."""
        seen = await SendBackup(self.path, self.place, self.size_bytes).observe(ports)
        proof = Proof.VERIFIED if seen.sight is Sight.AFTER else Proof.FAILED
        return Proven(proof, seen.text)


async def draft_send(site: Site, request: ActionRequest) -> Draft:
    """Return the sending of one copy and its manifest."""
    system, spec = spec_of(site, request.target)
    if reason := reason_against_send(spec):
        raise ActionError(reason)
    one = await chosen_copy(site, system, spec, request.input("copy"))
    paths = [(one.copy.path, one.copy.size_bytes)]
    if one.copy.manifest is not None:
        beside = manifest_path(one.copy.path)
        paths.append((beside, (await site.ports.files.facts(beside)).size_bytes))
    return Draft(
        title=clean(f"send {one.copy.path} to {spec.offsite}"),
        targets=(backup_target(site, system, spec.name),),
        steps=tuple(
            DraftStep(
                clean(f"send {path}, {size} bytes"),
                SendBackup(path, spec.offsite, size),
                deadline_s=_DEADLINE_S,
                is_irreversible=True,
            )
            for path, size in paths
        ),
        traits=(DraftTrait(clean(f"what is at {one.copy.path}"), PlaceTrait(one.copy.path)),),
        proofs=tuple(
            DraftProof(clean(f"{path} arrived"), ArrivedWhole(path, spec.offsite, size))
            for path, size in paths
        ),
        radius=(clean(f"{len(paths)} new files at {spec.offsite}; nothing there is changed"),),
        preflight=(await _worth(site, one.copy.path, form_of(spec, one)), _tool(site, spec)),
        way_back=SafeText("what was sent stays there"),
    )


async def _worth(site: Site, path: str, form: str) -> Preflight:
    problem = await proven_problem(site.ports, path, form)
    if problem:
        return Preflight("the backup", Grade.STOP, problem)
    return Preflight("the backup", Grade.PASS, SafeText("read as a whole, it is good"))


def _tool(site: Site, spec: BackupSpec) -> Preflight:
    name = "aws" if _is_bucket(spec.offsite) else "rsync"
    try:
        path = site.ports.commands.which(name)
    except ClientError as error:
        return Preflight("the tool", Grade.STOP, clean(str(error)))
    return Preflight("the tool", Grade.PASS, clean(path))
