"""Looks at a repository: what git says, read line by line. Changes nothing."""

import os
import re
import stat
import tempfile
from pathlib import Path

from core.clients.acting.git import Difference, Release, TreeSeen
from core.clients.acting.git_call import GitCall, checked_name, is_commit
from core.errors import ClientDenied, ClientGarbled, ClientMissing
from core.model.text import EMPTY, SafeText, clean

_SUBJECTS = 20
_SUBJECT_CHARS = 200
_COMPARE_S = 60.0
_STATUS = re.compile(r"^([A-Z])\d* {4}(.+)$")
"""Letter and name; the sanitiser shows the tab between them as four blanks."""
_CUT = re.compile(r"… \(\d+ characters\)$")
_QUOTED = re.compile(r'\\(?:([0-7]{3})|([abtnvfr"\\]))')
_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}


def plain_path(name: str) -> str:
    """Return a path as it is on the disk, from git's quoted form.

    Raises:
        ClientGarbled: it is longer than a line that can be read.
    """
    if _CUT.search(name):
        raise ClientGarbled("a path is longer than can be read here")
    if not (name.startswith('"') and name.endswith('"')):
        return name
    raw, start = bytearray(), 0
    body = name[1:-1]
    for match in _QUOTED.finditer(body):
        raw += body[start : match.start()].encode()
        raw.append(int(match[1], 8) if match[1] else _ESCAPES[match[2]])
        start = match.end()
    raw += body[start:].encode()
    return os.fsdecode(bytes(raw))


def _statuses(lines: tuple[SafeText, ...]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for line in lines:
        match = _STATUS.match(line)
        if match is None:
            raise ClientGarbled(f"git says {line!r}, which is no changed file")
        found.append((match[1], plain_path(match[2])))
    return tuple(found)


def shown(status: tuple[str, str]) -> SafeText:
    """Return one changed file for a person."""
    words = {"A": "added", "M": "changed", "D": "missing", "T": "another kind", "U": "in conflict"}
    return clean(
        f"{words.get(status[0], status[0])} {os.fsencode(status[1]).decode(errors='replace')}"
    )


async def resolve(call: GitCall, name: str) -> str:
    """Return the commit that a name stands for."""
    checked_name(name)
    ran = await call.run(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}",
        ok_exits=(0, 1, 128),
    )  # fmt: skip
    if not ran.output or not is_commit(ran.output[0]):
        raise ClientMissing(f"there is no commit {clean(name)} here; git.fetch may bring it")
    return ran.output[0]


async def head_of(call: GitCall) -> tuple[str, str]:
    """Return HEAD's commit and branch; empty where there is none."""
    commit = await call.line("rev-parse", "--verify", "--quiet", "HEAD", ok_exits=(0, 1, 128))
    branch = await call.line("symbolic-ref", "--quiet", "--short", "HEAD", ok_exits=(0, 1, 128))
    return (commit if is_commit(commit) else ""), branch


async def ref_of(call: GitCall, ref: str) -> str:
    """Return what a full ref name points to; empty: nothing."""
    line = await call.line("rev-parse", "--verify", "--quiet", "--end-of-options", ref,
                           ok_exits=(0, 1, 128))  # fmt: skip
    return line if is_commit(line) else ""


async def releases(call: GitCall, start: str, limit: int) -> tuple[Release, ...]:
    """Return commits from one back, first parents only, with their tags."""
    ran = await call.run(
        "log", "--first-parent", f"--max-count={limit}", "--no-show-signature", "--no-decorate",
        "--no-color", "--format=%H %ct %s", "--end-of-options", start,
    )  # fmt: skip
    tags = await _tags(call)
    head, _ = await head_of(call)
    found: list[Release] = []
    for line in ran.output:
        commit, _, rest = line.partition(" ")
        made, _, subject = rest.partition(" ")
        if not is_commit(commit) or not made.isdecimal():
            raise ClientGarbled(f"git log says {line!r}")
        text = clean(subject, _SUBJECT_CHARS)
        found.append(Release(commit, float(made), text, tags.get(commit, ()), commit == head))
    return tuple(found)


async def _tags(call: GitCall) -> dict[str, tuple[SafeText, ...]]:
    ran = await call.run(
        "for-each-ref", "--count=2000", "--sort=-creatordate",
        "--format=%(objectname) %(*objectname) %(refname:short)", "refs/tags",
    )  # fmt: skip
    found: dict[str, tuple[SafeText, ...]] = {}
    for line in ran.output:
        own, peeled, name = [*line.split(" ", 2), "", ""][:3]
        commit = peeled or own
        found[commit] = (*found.get(commit, ()), clean(name))
    return found


async def between(call: GitCall, old: str, new: str) -> Difference:
    """Return what lies between two commits that are both here."""
    counts = await call.line("rev-list", "--count", "--left-right", f"{old}...{new}")
    lost, _, gained = counts.partition("    ")
    if not lost.isdecimal() or not gained.isdecimal():
        raise ClientGarbled(f"git rev-list says {counts!r}")
    names = await call.run(
        "diff-tree", "-r", "--no-renames", "--name-status", "--no-ext-diff", "--no-textconv",
        "--end-of-options", old, new,
    )  # fmt: skip
    subjects = await call.run(
        "rev-list", f"--max-count={_SUBJECTS}", "--no-commit-header", "--format=%s",
        f"{old}...{new}",
    )  # fmt: skip
    return Difference(
        int(gained), int(lost), _statuses(names.output),
        tuple(clean(line, _SUBJECT_CHARS) for line in subjects.output),
    )  # fmt: skip


async def wants(call: GitCall, commit: str) -> tuple[SafeText, ...]:
    """Return what keeps a commit from being laid out here."""
    found: list[SafeText] = []
    lost = await call.run(
        "rev-list", "--objects", "--no-walk", "--missing=print", "--no-object-names",
        "--end-of-options", commit, deadline_s=_COMPARE_S, ok_exits=(0, 128),
    )  # fmt: skip
    missing = sum(line.startswith("?") for line in lost.output)
    if missing or lost.exit_code:
        found.append(clean(f"{missing or 'some'} objects of it are not in the repository"))
        return tuple(found)
    tree = await call.run("ls-tree", "-r", "--full-tree", "--end-of-options", commit)
    entries = [line.split(None, 3) for line in tree.output]
    submodules = sum(entry[0] == "160000" for entry in entries)
    if submodules:
        found.append(clean(f"{submodules} submodules, which are not brought along"))
    for entry in entries:
        if (
            entry[0].startswith("100")
            and entry[3].rpartition("/")[2].strip('"') == ".gitattributes"
        ):
            found += await _filters(call, entry[2])
    found += _filter_words(await _info_attributes(call))
    return tuple(dict.fromkeys(found))


async def _filters(call: GitCall, blob: str) -> list[SafeText]:
    ran = await call.run("cat-file", "blob", blob)
    return _filter_words(ran.output)


async def _info_attributes(call: GitCall) -> tuple[SafeText, ...]:
    path = await call.line("rev-parse", "--git-path", "info/attributes")
    try:
        data = (Path(call.folder) / path).read_bytes()[: 256 * 1024]
    except OSError:
        return ()
    return tuple(clean(line) for line in data.split(b"\n"))


def _filter_words(lines: tuple[SafeText, ...]) -> list[SafeText]:
    names = [
        word.removeprefix("filter=")
        for line in lines
        if not line.lstrip().startswith("#")
        for word in line.split()[1:]
        if word.startswith("filter=")
    ]
    return [
        SafeText("LFS: its large files are not in git")
        if name == "lfs"
        else clean(f"the filter {name}, which is not run")
        for name in names
    ]


async def previous(call: GitCall) -> str:
    """Return where HEAD last stood among its own ancestors, else its parent; empty: nowhere."""
    head, _ = await head_of(call)
    ran = await call.run(
        "log", "--walk-reflogs", "--max-count=50", "--no-show-signature", "--format=%H", "HEAD",
        ok_exits=(0, 128),
    )  # fmt: skip
    for commit in ran.output:
        if commit != head and is_commit(commit) and await is_ancestor(call, commit, head):
            return commit
    return await call.line("rev-parse", "--verify", "--quiet", "HEAD^", ok_exits=(0, 1, 128))


async def is_ancestor(call: GitCall, old: str, new: str) -> bool:
    """Tell whether one commit is in the other's history."""
    ran = await call.run("merge-base", "--is-ancestor", old, new, ok_exits=(0, 1, 128))
    return ran.exit_code == 0


async def orphans(call: GitCall) -> int:
    """Return how many commits of HEAD no branch, tag or remote holds."""
    count = await call.line(
        "rev-list", "--count", "HEAD", "--not", "--branches", "--tags", "--remotes"
    )
    return int(count) if count.isdecimal() else 0


async def differing(call: GitCall, commit: str) -> tuple[tuple[str, str], ...]:
    """Return letter and path of tracked files that differ from a commit.

    Each file is read: the index is a new one, which remembers nothing of them.
    """
    with tempfile.TemporaryDirectory(prefix="quarterdeck-index-") as place:
        apart = call.within(call.folder, GIT_INDEX_FILE=f"{place}/index")
        await apart.run("read-tree", "--end-of-options", commit, deadline_s=_COMPARE_S)
        # Exit 1: there are files that differ; which ones is asked below.
        await apart.run(
            "update-index", "-q", "--really-refresh", deadline_s=_COMPARE_S, ok_exits=(0, 1)
        )
        ran = await apart.run(
            "diff-files", "--name-status", "--no-renames", "--ignore-submodules=all",
            deadline_s=_COMPARE_S,
        )  # fmt: skip
    return _statuses(ran.output)


async def strays(call: GitCall, commit: str) -> tuple[SafeText, ...]:
    """Return the same for a person."""
    return tuple(shown(one) for one in await differing(call, commit))


async def staged(call: GitCall) -> tuple[SafeText, ...]:
    """Return what is staged and not committed."""
    ran = await call.run(
        "diff-index", "--cached", "--name-status", "--no-renames", "HEAD", ok_exits=(0, 128)
    )
    return tuple(clean(f"staged: {shown(one)}") for one in _statuses(ran.output))


async def compare(call: GitCall, commit: str) -> TreeSeen:
    """Compare the folder of a call with a commit."""
    head, branch = await head_of(call)
    return TreeSeen(head, branch, await strays(call, commit), EMPTY)


async def untracked(call: GitCall) -> tuple[tuple[str, str], ...]:
    """Return kind and path of what git does not track, folders as one."""
    ran = await call.run("ls-files", "--others", "--directory", "--no-empty-directory")
    found: list[tuple[str, str]] = []
    for line in ran.output:
        path = plain_path(line)
        try:
            mode = os.lstat(Path(call.folder) / path).st_mode
        except OSError:
            continue  # it vanished between listing and looking
        name = path.rstrip("/")
        kind = "link" if stat.S_ISLNK(mode) else "folder" if stat.S_ISDIR(mode) else "file"
        found.append((kind, name))
    return tuple(found)


def checked_below(top: str, path: str) -> Path:
    """Return a path of a commit below a folder, none of whose folders leads elsewhere.

    Raises:
        ClientDenied: it leaves the folder, is git's own, or runs through a link.
    """
    parts = Path(path).parts
    if not parts or path.startswith("/") or ".." in parts or parts[0].lower() == ".git":
        raise ClientDenied(f"{clean(path)} is no path inside the checkout")
    place = Path(top)
    for part in parts[:-1]:
        place /= part
        if place.is_symlink():
            raise ClientDenied(f"{clean(str(place))} is a link: nothing is written through it")
    return place / parts[-1]


def in_the_way(top: str, files: tuple[tuple[str, str], ...]) -> tuple[SafeText, ...]:
    """Return what stands, untracked, where files of a difference would come. Blocking."""
    gone = {path for letter, path in files if letter == "D"}
    found: list[SafeText] = []
    for letter, path in files:
        if letter != "A":
            continue
        place = Path(top) / path
        above = next((one for one in _above(path) if _is_file(Path(top) / one)), None)
        if above is not None and above not in gone:
            found.append(clean(above))
        elif os.path.lexists(place) and not (place.is_dir() and _only_gone(Path(top), path, gone)):
            found.append(clean(path))
    return tuple(dict.fromkeys(found))


def _above(path: str) -> list[str]:
    parts = Path(path).parts
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _is_file(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


def _only_gone(root: Path, path: str, gone: set[str]) -> bool:
    """Tell whether a folder holds nothing but files that the old commit takes along."""
    return all(
        str((Path(folder) / name).relative_to(root)) in gone
        for folder, _, names in os.walk(root / path)
        for name in names
    )
