"""Files in memory, for steps: what a kill at any moment leaves can be tried."""

import gzip
import json
import posixpath
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.actions.work import Kept, digest
from core.clients.acting.bulk import Member
from core.clients.acting.bulk_folders import EntryFacts, FolderFacts, Stamp
from core.clients.acting.files import FileFacts
from core.errors import (
    ClientDenied,
    ClientError,
    ClientGarbled,
    ClientMissing,
    ClientRefused,
    StepFailedError,
)
from core.model.text import SafeText


class Killed(BaseException):
    """The process was killed here."""


@dataclass
class Kill:
    """Kills at the nth effect (from 1): `before` it, `after` it, or `amid` it."""

    at: int = 0
    """0: never."""
    moment: str = "after"
    count: int = 0
    is_over: bool = False

    def strike(self, moment: str) -> None:
        """Pass one moment of one effect."""
        if moment == "before":
            self.count += 1
        if self.count == self.at and moment == self.moment and not self.is_over:
            self.is_over = True
            raise Killed


@dataclass(frozen=True)
class FakeFile:
    data: bytes
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    links: int = 1
    is_mounted: bool = False
    inode: int = 0


@dataclass
class FakeFiles:
    """Files, links and folders by path. Every change is an effect that `kill` counts."""

    files: dict[str, FakeFile] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)
    """By path, with their inodes."""
    denied: dict[str, ClientError] = field(default_factory=dict)
    """Errors to raise for a path, whatever is asked."""
    free: int = 1 << 40
    kill: Kill = field(default_factory=Kill)
    inodes: int = 100

    def put(self, path: str, data: bytes, **looks: object) -> None:
        """Have a file stand there."""
        self.inodes += 1
        self.files[path] = replace(FakeFile(data, inode=self.inodes), **looks)  # type: ignore[arg-type]

    def _get(self, path: str) -> FakeFile:
        if path in self.denied:
            raise self.denied[path]
        if path in self.links:
            raise ClientDenied(f"{path} is a symbolic link")
        if path not in self.files:
            raise ClientMissing(f"{path} is not there")
        return self.files[path]

    async def facts(self, path: str) -> FileFacts:
        one = self._get(path)
        return FileFacts(
            path, digest(one.data), len(one.data), one.inode, one.mode, one.uid, one.gid,
            one.links, one.is_mounted,
        )  # fmt: skip

    async def read(self, path: str, limit_bytes: int = 16 * 1024 * 1024) -> bytes:
        data = self._get(path).data
        if len(data) > limit_bytes:
            raise ClientGarbled(f"{path} is too large")
        return data

    async def replace(self, path: str, data: bytes, was_sha256: str, token: str) -> None:
        one = self._get(path)
        if digest(one.data) != was_sha256:
            raise ClientGarbled(f"{path} was changed by somebody meanwhile")
        self._room(data)
        self.kill.strike("before")
        if one.is_mounted:
            half = len(data) // 2
            self.files[path] = replace(one, data=data[:half] + one.data[half:])
            self.kill.strike("amid")
            self.files[path] = replace(one, data=data)
        else:
            self.put(temporary(path, token), data)
            self.kill.strike("amid")
            del self.files[temporary(path, token)]
            self.put(path, data, mode=one.mode, uid=one.uid, gid=one.gid)
        self.kill.strike("after")

    async def create(self, path: str, data: bytes, mode: int, token: str) -> None:
        if path in self.denied:
            raise self.denied[path]
        if path in self.files or path in self.links:
            raise ClientDenied(f"{path}: something is there already")
        self._room(data)
        self.kill.strike("before")
        self.put(temporary(path, token), data)
        self.kill.strike("amid")
        del self.files[temporary(path, token)]
        self.put(path, data, mode=mode)
        self.kill.strike("after")

    async def remove(self, path: str, was_sha256: str) -> None:
        if path not in self.files:
            return
        if digest(self._get(path).data) != was_sha256:
            raise ClientGarbled(f"{path} was changed by somebody meanwhile")
        self.kill.strike("before")
        del self.files[path]
        self.kill.strike("after")

    async def clear_temporary(self, path: str, token: str) -> bool:
        name = temporary(path, token)
        return self.files.pop(name, None) is not None or self.links.pop(name, None) is not None

    async def stamps(self, paths: tuple[str, ...]) -> tuple[Stamp | None, ...]:
        found = (self.files.get(path) for path in paths)
        return tuple(Stamp(1, one.inode, len(one.data), 0) if one else None for one in found)

    async def written_files(self) -> frozenset[tuple[int, int]] | None:
        return None

    async def folder(self, path: str) -> FolderFacts:
        if path in self.denied:
            raise self.denied[path]
        if path not in self.folders:
            raise ClientMissing(f"{path} is not there")
        kinds = {
            **dict.fromkeys(self.files, "file"),
            **dict.fromkeys(self.links, "link"),
            **dict.fromkeys(self.folders, "folder"),
        }
        entries = tuple(
            EntryFacts(posixpath.basename(name), kind, self._inode(name), self._size(name), 0)
            for name, kind in sorted(kinds.items())
            if posixpath.dirname(name) == path
        )
        return FolderFacts(path, self._inode(path), 0o755, 0, 0, entries)

    def _inode(self, path: str) -> int:
        if path in self.files:
            return self.files[path].inode
        return self.folders.get(path, 1)

    def _size(self, path: str) -> int:
        return len(self.files[path].data) if path in self.files else 0

    async def make_folder(self, path: str, mode: int) -> None:
        if path in self.folders or path in self.files:
            raise ClientDenied(f"{path}: something is there already")
        self.kill.strike("before")
        self.inodes += 1
        self.folders[path] = self.inodes
        self.kill.strike("after")

    async def drop_folder(self, path: str) -> None:
        if path not in self.folders:
            return
        if (await self.folder(path)).entries:
            raise ClientDenied(f"{path}: the folder is not empty")
        self.kill.strike("before")
        del self.folders[path]
        self.kill.strike("after")

    async def move(self, path: str, to: str, was_inode: int) -> None:
        if to in self.files or to in self.folders:
            raise ClientDenied(f"{to}: something is there already")
        if path not in self.files and path not in self.folders:
            raise ClientMissing(f"{path} is not there")
        if self._inode(path) != was_inode:
            raise ClientGarbled(f"{path} is another one by now")
        self.kill.strike("before")
        self.files = {_moved(name, path, to): one for name, one in self.files.items()}
        self.folders = {_moved(name, path, to): one for name, one in self.folders.items()}
        self.kill.strike("after")

    async def copy(self, path: str, to: str, token: str) -> str:
        data = self._get(path).data
        await self.create(to, data, self._get(path).mode, token)
        return digest(data)

    async def pack(self, path: str, to: str, was_sha256: str, token: str) -> None:
        data = self._get(path).data
        if digest(data) != was_sha256:
            raise ClientGarbled(f"{path} was changed by somebody meanwhile")
        await self.create(to, gzip.compress(data, mtime=0), self._get(path).mode, token)

    async def unpacked_sha256(self, path: str) -> str:
        try:
            return digest(gzip.decompress(self._get(path).data))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ClientGarbled(f"{path} is no whole gzip file") from error

    async def put_together(
        self, members: tuple[tuple[str, str, str], ...], to: str, token: str
    ) -> None:
        inside = [[name, self._get(path).data.decode("latin-1")] for path, name, _ in members]
        for path, _, sha in members:
            if digest(self._get(path).data) != sha:
                raise ClientGarbled(f"{path} was changed by somebody meanwhile")
        await self.create(to, json.dumps(sorted(inside)).encode(), 0o600, token)

    async def members(self, path: str) -> tuple[Member, ...]:
        try:
            inside = json.loads(self._get(path).data)
        except ValueError as error:
            raise ClientGarbled(f"{path} is no whole archive") from error
        return tuple(
            Member(name, len(text), digest(text.encode("latin-1"))) for name, text in inside
        )

    async def free_bytes(self, folder: str) -> int:
        return self.free

    async def link_target(self, path: str) -> str:
        if path in self.files:
            raise ClientGarbled(f"{path} is no symbolic link")
        if path not in self.links:
            raise ClientMissing(f"{path} is not there")
        return self.links[path]

    async def swap_link(self, path: str, to: str, was: str, token: str) -> None:
        if await self.link_target(path) != was:
            raise ClientGarbled(f"{path} points to {self.links[path]} by now")
        self.kill.strike("before")
        self.links[temporary(path, token)] = to
        self.kill.strike("amid")
        del self.links[temporary(path, token)]
        self.links[path] = to
        self.kill.strike("after")

    def _room(self, data: bytes) -> None:
        if len(data) > self.free:
            raise ClientRefused("the disk is full")


def _moved(name: str, path: str, to: str) -> str:
    return to + name.removeprefix(path) if name == path or name.startswith(f"{path}/") else name


def temporary(path: str, token: str) -> str:
    """Return the name of a file that is not whole yet."""
    folder, name = posixpath.split(path)
    return f"{folder}/.{name}.{token}.tmp"


class FakeWork:
    """An action's own place, in memory."""

    def __init__(self, action_id: str = "01TESTACTION") -> None:
        self.action_id = action_id
        self.folder = Path("/nowhere") / action_id
        self.output = self.folder / "out.log"
        self.said: list[SafeText] = []
        self.copies: dict[str, bytes] = {}

    def say(self, text: SafeText) -> None:
        self.said.append(text)

    def keep(self, name: str, data: bytes) -> Kept:
        self.copies[name] = data
        return Kept(name, digest(data), len(data))

    def kept(self, name: str) -> bytes:
        if name not in self.copies:
            raise StepFailedError(f"the copy {name} is gone")
        return self.copies[name]

    def has(self, name: str) -> bool:
        return name in self.copies

    def is_told_to_stop(self) -> bool:
        return False
