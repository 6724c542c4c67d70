"""Runs git so that only git runs: nothing that a repository or a user has configured.

A repository belongs to whoever writes to it, and git runs what its configuration names: hooks,
fsmonitor, filters, credential helpers, transports, pagers. What is constant is switched off by
variables, which outrank every file; what bears a name of its own is listed first and emptied.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from core.clients.acting.commands import ActingRunner, Order, Ran
from core.errors import ClientDenied, ClientGarbled, ClientMissing
from core.model.text import SafeText, clean

_OUTPUT_BYTES = 16 * 1024 * 1024
_LOOK_S = 8.0

_HARMLESS = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.askPass", ""),
    ("core.pager", "cat"),
    ("core.editor", "false"),
    ("core.alternateRefsCommand", ""),
    ("core.attributesFile", "/dev/null"),
    ("core.excludesFile", "/dev/null"),
    ("core.quotePath", "true"),
    ("core.splitIndex", "false"),
    ("credential.helper", ""),
    ("fetch.fsckObjects", "true"),
    ("fetch.recurseSubmodules", "false"),
    ("fetch.writeCommitGraph", "false"),
    ("gc.auto", "0"),
    ("http.followRedirects", "false"),
    ("http.sslVerify", "true"),
    ("log.showSignature", "false"),
    ("maintenance.auto", "false"),
    ("safe.bareRepository", "explicit"),
    # Who owns a repository is looked at and told (`Checkout.is_own`); nothing of it is run.
    ("safe.directory", "*"),
    ("submodule.recurse", "false"),
)
_SSH = "ssh -oBatchMode=yes -oStrictHostKeyChecking=yes -oPermitLocalCommand=no -oForwardAgent=no"
_ENVIRONMENT = (
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", ""),
    ("SSH_ASKPASS", ""),
    ("GIT_PAGER", "cat"),
    ("GIT_EDITOR", "false"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_PROTOCOL_FROM_USER", "0"),
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_SSH_COMMAND", _SSH),
    ("GIT_SSH_VARIANT", "ssh"),
    ("LC_ALL", "C"),
)
NO_PROTOCOL, LOCAL, REMOTE = "none", "file", "https:ssh:file"
"""Which transports a call may use; `ext::` and the like never."""

_NAMED = re.compile(r"^(filter\..+\.(?:clean|smudge|process)|credential\.(?:.+\.)?helper)$")
"""Keys that name a program of their own, and that an empty value switches off."""
_REQUIRED = re.compile(r"^filter\..+\.required$")
_TOLD = re.compile(
    r"^(core\.(hookspath|fsmonitor|sshcommand|askpass|gitproxy|alternaterefscommand|pager|editor)"
    r"|alias\..+|filter\..+\.(clean|smudge|process)|credential\.(.+\.)?helper"
    r"|diff\..+\.(command|textconv)|diff\.external|merge\..+\.driver|remote\..+\.(uploadpack|vcs)"
    r"|submodule\..+\.update|gpg\.(.+\.)?program|include(if\..+)?\.path|url\..+\.insteadof)$"
)
"""Keys that a person should know are not followed."""
_PARTIAL = re.compile(r"^(remote\..+\.(promisor|partialclonefilter)|extensions\.partialclone)$")
_PLAIN_KEY = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:/@*+~-]*$")
_COMMIT = re.compile(r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")
_REF = re.compile(
    r"^(?!.*(?:\.\.|//|@\{|\.lock(?:/|$)|/\.|\.$|/$))[A-Za-z0-9][A-Za-z0-9._/+@#=-]{0,200}$"
)
_HOST = r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*"
_URL = re.compile(
    r"^(?:https://[A-Za-z0-9][^\s@/]*/\S+"
    rf"|ssh://{_HOST}(?::\d+)?/\S+"
    rf"|{_HOST}:(?![:/]/|:)[^\s:-]\S*"
    r"|(?:file://)?/\S+)$"
)


def is_commit(text: str) -> bool:
    """Tell whether a text is a whole object name."""
    return bool(_COMMIT.match(text))


def checked_name(name: str) -> str:
    """Return a branch, tag, remote or abbreviated hash that can be nothing else.

    Raises:
        ClientDenied: it is none, such as an option or a range.
    """
    if not _REF.match(name):
        raise ClientDenied(f"{clean(name)!r} is no name of a branch, tag or commit")
    return name


def checked_url(url: str) -> str:
    """Return an address that may be fetched from.

    Raises:
        ClientDenied: another transport, an option, or one that holds a password.
    """
    if re.match(r"^[a-z]+://[^/@]*:[^/@]*@", url) or re.match(r"^https?://[^/]*@", url):
        raise ClientDenied(
            "the repository's address holds a user or password, which every user here could read;"
            " use an ssh address"
        )
    if not _URL.match(url) or not url.isprintable():
        raise ClientDenied(
            f"{clean(url)!r} is no https, ssh or file address; other transports are not used"
        )
    return url


@dataclass(frozen=True, slots=True)
class GitCall:
    """One repository and how git is called in it."""

    runner: ActingRunner
    folder: str
    overrides: tuple[tuple[str, str], ...] = ()
    told: tuple[SafeText, ...] = ()
    """Keys of its configuration that name programs, and are not followed."""
    env: tuple[tuple[str, str], ...] = field(default=())

    def within(self, folder: str, **variables: str) -> "GitCall":
        """Return the same for another folder of the repository, with variables of git's own."""
        more = (*self.env, *variables.items())
        return GitCall(self.runner, folder, self.overrides, self.told, more)

    async def run(
        self,
        *words: str,
        deadline_s: float = _LOOK_S,
        protocols: str = NO_PROTOCOL,
        ok_exits: tuple[int, ...] = (0,),
        output: Path | None = None,
    ) -> Ran:
        """Run one command of git.

        Raises:
            ClientGarbled: it ended otherwise than it may, or printed more than can be read.
            ClientError: it could not run, or did not end in time.
        """
        order = Order(
            ("git", "--no-pager", *words), deadline_s, self.folder, self._variables(protocols),
            max_output_bytes=_OUTPUT_BYTES, ok_exits=ok_exits, output=output,
        )  # fmt: skip
        ran = await self.runner.run(order)
        if ran.exit_code not in ok_exits:
            said = next((line for line in ran.errors if line), SafeText("nothing was said"))
            raise _failed(words[0], ran.exit_code, said)
        if ran.dropped_bytes:
            raise ClientGarbled(f"git {words[0]} prints more than can be read here")
        return ran

    async def line(self, *words: str, ok_exits: tuple[int, ...] = (0,)) -> str:
        """Return the first line that a command prints; empty: none."""
        ran = await self.run(*words, ok_exits=ok_exits)
        return ran.output[0] if ran.output else ""

    def _variables(self, protocols: str) -> tuple[tuple[str, str], ...]:
        values = (*_HARMLESS, *self.overrides)
        numbered = [
            pair
            for index, (key, value) in enumerate(values)
            for pair in ((f"GIT_CONFIG_KEY_{index}", key), (f"GIT_CONFIG_VALUE_{index}", value))
        ]
        return (
            *_ENVIRONMENT, ("GIT_ALLOW_PROTOCOL", protocols),
            ("GIT_CONFIG_COUNT", str(len(values))), *numbered, *self.env,
        )  # fmt: skip


def _failed(command: str, exit_code: int, said: SafeText) -> ClientGarbled | ClientMissing:
    text = f"git {command} ended with {exit_code}: {said}"
    is_missing = "not a git repository" in said or "not a work tree" in said
    return ClientMissing(text) if is_missing else ClientGarbled(text)


async def open_repository(runner: ActingRunner, folder: str) -> GitCall:
    """Return how to call git in a folder, after its configuration was read and made harmless.

    Raises:
        ClientMissing: it is no repository.
        ClientDenied: its configuration cannot be made harmless.
    """
    bare = GitCall(runner, folder)
    await bare.run("rev-parse", "--git-dir")
    ran = await bare.run("config", "--list", "--name-only", "--includes", "--show-scope")
    overrides: list[tuple[str, str]] = []
    told: list[SafeText] = []
    for line in dict.fromkeys(ran.output):
        scope, _, name = line.partition(" ")
        if scope == "command":
            continue
        key = clean(name.lstrip(" "))
        low = key.lower()
        if _PARTIAL.match(low):
            raise ClientDenied(
                "a partial clone fetches what it lacks by its own rules; clone whole"
            )
        is_named, is_required = _NAMED.match(low), _REQUIRED.match(low)
        if (is_named or is_required) and not _PLAIN_KEY.match(key):
            raise ClientDenied(f"its configuration has {key!r}, which cannot be switched off")
        if is_named:
            overrides.append((key, ""))
        if is_required:
            overrides.append((key, "false"))
        if _TOLD.match(low):
            told.append(key)
    return GitCall(runner, folder, tuple(overrides), tuple(told))
