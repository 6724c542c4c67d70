"""One write of a key store, whole or not at all, against a tool that knows of no lock. Blocking.

Lock, read, copy, write beside, flush, read again, compare, rename. The old file stays open and
keeps a second name until it has been watched: what another tool still writes into it is not lost.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from core.clients.acting.file_handles import (
    Spot,
    guard_same,
    made,
    opened,
    spot_of,
    told,
    write_all,
)
from core.clients.acting.file_places import guard_changeable
from core.clients.acting.file_writes import guard_written, keep_looks, replace_file
from core.clients.acting.key_store_copies import StoreCopies
from core.clients.acting.key_store_places import StorePlace
from core.clients.key_files import LIMIT_BYTES
from core.errors import ClientDenied, ClientGarbled, ClientMissing, ClientRefused
from core.model.text import SafeText, clean

PLACES = (
    "locked", "read", "edited", "copied", "made", "written", "dressed", "flushed", "reread",
    "linked", "compared", "renamed", "synced",
)  # fmt: skip
"""What a write has done when it passes each place, in order; one inside a mount passes fewer."""
Passed = Callable[[str], None]
"""Called with the name of each place that a write passes, for tests that end it there."""


class StoreEdit(Protocol):
    """A change that can be made again, on whatever somebody else has written meanwhile. Pure."""

    def edited(self, data: bytes) -> bytes:
        """Return a store's new bytes; the same ones where nothing is left to do.

        Raises:
            ClientGarbled: these cannot be read, such as while another tool writes them.
            ClientDenied: these must not be written to.
        """
        ...

    def merged(self, base: bytes, orphan: bytes, live: bytes) -> bytes:
        """Return what lives with what another tool has added to the file that we replaced.

        Raises:
            ClientGarbled: what it wrote cannot be read, or not yet.
        """
        ...


class AgainError(Exception):
    """Somebody else was there: look again, and begin anew."""

    def __init__(self, why: SafeText, *, is_locked: bool = False) -> None:
        super().__init__(why)
        self.is_locked = is_locked


@dataclass(slots=True)
class Orphan:
    """A file that we have replaced, and that another tool may have been writing to."""

    handle: int
    base: bytes
    second_name: str
    """Of the same folder; empty: the file system takes none."""
    taken: bytes = field(default=b"", repr=False)
    """What was seen of it last and is merged."""

    def changed(self) -> bytes | None:
        """Return its bytes where another tool has written to it; None: nothing is new."""
        size = os.fstat(self.handle).st_size
        data = os.pread(self.handle, min(size, LIMIT_BYTES) + 1, 0)
        return None if data in (self.base, self.taken) else data


@dataclass(frozen=True, slots=True)
class Written:
    """What one write came to."""

    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    orphan: Orphan | None
    """None: nothing was to be done, or it was written in place."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What all writes of one change have in common."""

    place: StorePlace
    token: str
    copies: StoreCopies
    passed: Passed = lambda _name: None

    def write(self, edit: StoreEdit, now: datetime) -> Written:
        """Make one change under our lock.

        Raises:
            AgainError: another program holds the lock, or has written meanwhile.
            ClientError: it cannot be read or written; it is as it was.
        """
        path = self.place.path
        with spot_of(path, is_change=True) as spot, told(path), _locked(spot):
            self.passed("locked")
            base = read_stable(path)
            self.passed("read")
            new = edit.edited(base)
            self.passed("edited")
            if new == base:
                return Written(base, new, None)
            if len(new) > LIMIT_BYTES:
                raise ClientRefused(f"{clean(path)} would have {len(new)} bytes")
            self.copies.keep(path, base, self.token, now)
            self.passed("copied")
            if self.place.is_mounted:
                return self._over(base, new, now)
            return Written(base, new, self._beside(spot, edit, base, new))

    def _beside(self, spot: Spot, edit: StoreEdit, base: bytes, new: bytes) -> Orphan:
        name, second = spot.temporary(self.token), second_name(spot, self.token)
        with opened(spot) as old:
            guard_changeable(spot, old)
            with made(spot, name) as handle:
                self.passed("made")
                write_all(handle, new)
                self.passed("written")
                keep_looks(spot, old, handle)
                self.passed("dressed")
                os.fsync(handle)
                self.passed("flushed")
                guard_written(spot, handle, new)
                if edit.edited(new) != new:
                    raise ClientRefused(f"{clean(spot.path)}: what was written reads otherwise")
                self.passed("reread")
                second = second if _linked(spot, second) else ""
                self.passed("linked")
                _compare(spot, old, base, second)
                self.passed("compared")
                os.rename(name, spot.name, src_dir_fd=spot.folder, dst_dir_fd=spot.folder)
            self.passed("renamed")
            orphan = Orphan(os.dup(old), base, second)
        spot.sync()
        self.passed("synced")
        return orphan

    def _over(self, base: bytes, new: bytes, now: datetime) -> Written:
        """Write over the bytes: inside the mount nobody would see another file."""
        self.copies.keep(self.place.path, new, f"{self.token}N", now)
        self.passed("kept")
        sha = hashlib.sha256(base).hexdigest()
        try:
            replace_file(self.place.path, new, sha, self.token, is_mounted=True)
        except ClientGarbled as error:
            raise AgainError(clean(str(error))) from error
        self.passed("renamed")
        self.copies.drop(self.place.path, f"{self.token}N")
        return Written(base, new, None)

    def tidy(self, edit: StoreEdit, now: datetime) -> bool:
        """Finish what a write of this token left when it was killed; tell whether it merged.

        Raises:
            AgainError: another program holds the lock.
        """
        path = self.place.path
        with spot_of(path, is_change=True) as spot, told(path), _locked(spot):
            with suppress(FileNotFoundError):
                os.unlink(spot.temporary(self.token), dir_fd=spot.folder)
            self._mend(edit)
            orphan = _left_open(spot, self.token, self.copies)
        if orphan is None:
            return False
        try:
            is_merged = self._take_in(orphan, edit, now)
        except AgainError:
            os.close(orphan.handle)  # its second name stays for the next try
            raise
        let_go(path, orphan)
        return is_merged

    def _take_in(self, orphan: Orphan, edit: StoreEdit, now: datetime) -> bool:
        data = orphan.changed()
        if data is None:
            return False
        try:
            written = self.write(Merging(edit, orphan.base, data), now)
        except ClientGarbled:
            self.copies.keep(self.place.path, data, self.token, now)
            return False
        if written.orphan is not None:
            let_go(self.place.path, written.orphan)
        return written.before != written.after

    def _mend(self, edit: StoreEdit) -> None:
        """Put the old bytes back where a kill cut a write in place in two."""
        if not self.place.is_mounted:
            return
        new = self.copies.first(self.place.path, f"{self.token}N")
        old = self.copies.first(self.place.path, self.token)
        if new is None or old is None:
            return
        found = read_stable(self.place.path)
        if found not in (old, new) and is_cut(found, old, new):
            sha = hashlib.sha256(found).hexdigest()
            replace_file(self.place.path, old, sha, self.token, is_mounted=True)
        self.copies.drop(self.place.path, f"{self.token}N")


@dataclass(frozen=True, slots=True)
class Merging:
    """Takes in what another tool has written into a file that we had replaced."""

    edit: StoreEdit
    base: bytes = field(repr=False)
    orphan: bytes = field(repr=False)

    def edited(self, data: bytes) -> bytes:
        """Return the bytes with what was added, and with our own change."""
        return self.edit.edited(self.edit.merged(self.base, self.orphan, data))

    def merged(self, base: bytes, orphan: bytes, live: bytes) -> bytes:
        """Return the bytes with what was added since."""
        return self.edit.merged(base, orphan, live)


def read_stable(path: str) -> bytes:
    """Return a store's bytes, which did not change while they were read.

    Raises:
        AgainError: they did.
        ClientMissing, ClientDenied: it is not there, or no regular file.
        ClientGarbled: it is too large.
    """
    with spot_of(path) as spot, told(path), opened(spot) as handle:
        before = os.fstat(handle)
        if before.st_size > LIMIT_BYTES:
            raise ClientGarbled(
                f"{clean(path)} has {before.st_size} bytes; at most {LIMIT_BYTES} are read"
            )
        data = os.pread(handle, before.st_size + 1, 0)
        after = os.fstat(handle)
        same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        if not same or len(data) != after.st_size:
            raise AgainError(clean(f"{path} is being written to"))
        return data


def is_cut(found: bytes, old: bytes, new: bytes) -> bool:
    """Tell whether bytes are what a kill leaves of writing `new` over `old` in place. Pure."""
    same = next(
        (at for at, (one, other) in enumerate(zip(found, new, strict=False)) if one != other),
        min(len(found), len(new)),
    )
    return found[same:] == old[same:]


def let_go(path: str, orphan: Orphan) -> None:
    """Give up a file that has been watched for long enough."""
    os.close(orphan.handle)
    if orphan.second_name:
        with suppress(ClientMissing), spot_of(path, is_change=True) as spot, told(path):
            os.unlink(orphan.second_name, dir_fd=spot.folder)


def second_name(spot: Spot, token: str) -> str:
    """Return the name that a replaced file keeps while it is watched."""
    return f"{spot.temporary(token).removesuffix('.tmp')}.old"


@contextmanager
def _locked(spot: Spot) -> Generator[None]:
    """Hold `<store>.lock`, which is ours and stays; other tools do not know of it.

    Raises:
        AgainError: another one of ours holds it.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    handle = os.open(f"{spot.name}.lock", flags, 0o600, dir_fd=spot.folder)
    try:
        _shared_with_owner(spot, handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            why = clean(f"{spot.path} is being changed by another one of ours")
            raise AgainError(why, is_locked=True) from None
        yield
    finally:
        os.close(handle)


def _shared_with_owner(spot: Spot, lock: int) -> None:
    """Let the store's own user take the lock too, where root made it."""
    with suppress(OSError):
        owner, found = os.stat(spot.name, dir_fd=spot.folder), os.fstat(lock)
        if (owner.st_uid, owner.st_gid) != (found.st_uid, found.st_gid) and os.geteuid() == 0:
            os.fchown(lock, owner.st_uid, owner.st_gid)


def _linked(spot: Spot, second: str) -> bool:
    """Give the old file a second name, so that it is found again after a kill."""
    with suppress(FileNotFoundError):
        os.unlink(second, dir_fd=spot.folder)
    try:
        os.link(
            spot.name, second, src_dir_fd=spot.folder, dst_dir_fd=spot.folder,
            follow_symlinks=False,
        )  # fmt: skip
    except OSError:
        return False  # the file is not ours, or the file system knows no second names
    return True


def _compare(spot: Spot, old: int, base: bytes, second: str) -> None:
    """Compare what lives with what was read, last of all before the rename."""
    try:
        guard_same(spot, old, hashlib.sha256(base).hexdigest())
    except (ClientGarbled, FileNotFoundError) as error:
        if second:
            os.unlink(second, dir_fd=spot.folder)
        if isinstance(error, FileNotFoundError):
            raise ClientMissing(f"{clean(spot.path)} was taken away") from error
        raise AgainError(clean(str(error))) from error


def _left_open(spot: Spot, token: str, copies: StoreCopies) -> Orphan | None:
    """Return the file that a killed write had replaced, or was about to."""
    second = second_name(spot, token)
    try:
        handle = os.open(
            second, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=spot.folder
        )
    except FileNotFoundError:
        return None
    base = _last(copies, spot.path, token)
    live = os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)
    if base is None or live.st_ino == os.fstat(handle).st_ino:  # it was never replaced
        os.close(handle)
        os.unlink(second, dir_fd=spot.folder)
        return None
    return Orphan(handle, base, second)


def _last(copies: StoreCopies, path: str, token: str) -> bytes | None:
    own = [one for one in copies.of(path) if one.token == token]
    return copies.read(path, own[-1].name) if own else None


def refuse(place: StorePlace) -> None:
    """Refuse a place that is not written to.

    Raises:
        ClientDenied: with the reason.
    """
    if place.against:
        raise ClientDenied(f"{clean(place.path)}: {place.against}")
