"""Env files of every odd kind on a real disk, through a whole action; mounts and full disks."""

import os
import stat
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.actions.action import Draft
from core.actions.families.files import ACTIONS
from core.clients.acting.files import LocalFiles
from core.clients.clock import SystemClock
from core.model.operation import EnvFileSpec, OperationsSpec
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops
from tests.fakes.world import service

ROOT = Path(__file__).parents[2]
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Odd:
    """An env file as somebody left it, and what it has to be once LIMIT is 50."""

    name: str
    before: bytes
    after: bytes
    mode: int = 0o640
    has_link: bool = False


ODD = (
    Odd("CRLF", b"A=1\r\nLIMIT=5\r\nB=2\r\n", b"A=1\r\nLIMIT=50\r\nB=2\r\n"),
    Odd("BOM", BOM + b"LIMIT=5\nB=2\n", BOM + b"LIMIT=50\nB=2\n"),
    Odd("export", b"export LIMIT=5\nexport B='x'\n", b"export LIMIT=50\nexport B='x'\n"),
    Odd("quotes", b"LIMIT=\"5\"\nB='x # y'\n", b"LIMIT=\"50\"\nB='x # y'\n"),
    Odd("several lines", b'K="a\nLIMIT=1\nb"\nLIMIT=5\n', b'K="a\nLIMIT=1\nb"\nLIMIT=50\n'),
    Odd("twice", b"LIMIT=1\nB=2\nLIMIT=5\n", b"LIMIT=1\nB=2\nLIMIT=50\n"),
    Odd("no final newline", b"B=2\nLIMIT=5", b"B=2\nLIMIT=50"),
    Odd("comment after it", b"LIMIT=5   # per s\nB=2\n", b"LIMIT=50   # per s\nB=2\n"),
    Odd("link", b"LIMIT=5\n", b"LIMIT=50\n", has_link=True),
    Odd("read-only", b"LIMIT=5\n", b"LIMIT=50\n", mode=0o400),
    Odd("not UTF-8", b"# caf\xe9\nLIMIT=5\n", b"# caf\xe9\nLIMIT=50\n"),
)


async def draft_of(path: Path) -> tuple[Draft, Ground]:
    ground = Ground(files=LocalFiles(SystemClock()))
    spec = EnvFileSpec("prod", str(path), apply="none")
    operations = {"shop": OperationsSpec("shop", str(path.parent), env_files=(spec,))}
    site = ground.site(service("api"), operations=operations)
    return await drafted(ACTIONS, site, "env.set", "shop/prod", LIMIT="50"), ground


@pytest.mark.real("root")
@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.name)
async def test_every_other_byte_stays_and_the_application_owns_it_still(
    tmp_path: Path, odd: Odd
) -> None:
    real = tmp_path / ("shared.env" if odd.has_link else ".env")
    real.write_bytes(odd.before)
    os.chown(real, 1000, 1001)
    real.chmod(odd.mode)
    if odd.has_link:
        (tmp_path / ".env").symlink_to("shared.env")
    draft, ground = await draft_of(tmp_path / ".env")
    assert stops(draft) == []
    assert await carry_out(draft, ground.ports) == ("verified", "")
    seen = real.stat()
    assert real.read_bytes() == odd.after
    assert (seen.st_uid, seen.st_gid, stat.S_IMODE(seen.st_mode)) == (1000, 1001, odd.mode)
    assert (tmp_path / ".env").is_symlink() is odd.has_link
    (copy,) = tmp_path.glob("*.backup.*")
    assert (copy.read_bytes(), stat.S_IMODE(copy.stat().st_mode)) == (odd.before, 0o600)


def in_own_mounts(code: str, *arguments: str) -> str:
    """Run code where mounts are its own; return what it printed."""
    done = subprocess.run(
        ["unshare", "--mount", sys.executable, "-c", textwrap.dedent(code), *arguments],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=300,
    )  # fmt: skip
    if "unshare failed" in done.stderr or "permission" in done.stderr.lower():
        pytest.skip("no mounts of our own (unshare)")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.real("root")
def test_a_file_bound_alone_elsewhere_is_seen_there_after_the_change(tmp_path: Path) -> None:
    """What a container that was given one file would read: with a rename it reads the old one."""
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / ".env").write_bytes(b"LIMIT=5\n")
    (tmp_path / "inside").write_bytes(b"")
    code = """
    import asyncio, os, subprocess, sys
    from core.clients.acting.files import LocalFiles
    from core.clients.clock import SystemClock
    host, inside = sys.argv[1:]
    child = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c",
         'mount --bind "$0" "$1" && echo up && read x && cat "$1"', host, inside],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"up\\n"
    async def main():
        files = LocalFiles(SystemClock())
        facts = await files.facts(host)
        print(facts.is_mounted)
        await files.replace(host, b"LIMIT=50\\n", facts.sha256, "01ACTION")
        print((await files.facts(host)).inode == facts.inode)
    asyncio.run(main())
    print(child.communicate(b"go\\n")[0].decode().strip())
    """
    said = in_own_mounts(code, str(tmp_path / "host" / ".env"), str(tmp_path / "inside"))
    assert said.split() == ["True", "True", "LIMIT=50"]


@pytest.mark.real("root")
def test_a_read_only_file_system_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"LIMIT=5\n")
    code = """
    import asyncio, hashlib, os, subprocess, sys
    from core.clients.acting.files import LocalFiles
    from core.clients.clock import SystemClock
    from core.errors import ClientDenied
    folder = sys.argv[1]
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
    async def main():
        path = folder + "/.env"
        try:
            await LocalFiles(SystemClock()).replace(
                path, b"x", hashlib.sha256(b"LIMIT=5\\n").hexdigest(), "01ACTION")
        except ClientDenied as error:
            print(error, os.listdir(folder))
    asyncio.run(main())
    """
    said = in_own_mounts(code, str(tmp_path))
    assert said.strip().endswith("the file system is read-only ['.env']")


@pytest.mark.real("root")
def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    code = """
    import asyncio, hashlib, os, subprocess, sys
    from core.clients.acting.files import LocalFiles
    from core.clients.clock import SystemClock
    from core.errors import ClientRefused
    folder = sys.argv[1]
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=True)
    path, old = folder + "/.env", b"A" * 8192
    async def main():
        with open(path, "wb") as file:
            file.write(old)
        files, sha = LocalFiles(SystemClock()), hashlib.sha256(old).hexdigest()
        for call in (files.replace(path, b"B" * 90_000, sha, "01A"),
                     files.create(folder + "/new", b"C" * 90_000, 0o600, "01A"),
                     files.pack("/dev/null/x", folder + "/x.gz", sha, "01A")):
            try:
                await call
            except Exception as error:
                print(type(error).__name__, end=" ")
        print(open(path, "rb").read() == old, os.listdir(folder))
    asyncio.run(main())
    """
    said = in_own_mounts(code, str(tmp_path))
    assert said.strip() == "ClientRefused ClientRefused ClientDenied True ['.env']"
