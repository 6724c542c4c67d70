"""Starts a process that outlives us: by a helper that forks once more and ends. Blocking.

Forking a program that has threads is not safe; so a bare interpreter does it, and tells who was
started, or why it was not. The new process is nobody's child but the machine's.
"""

import json
import os
import subprocess
import sys

from core.clients.acting.process_ids import ProcessId
from core.clients.command import child_environment, find_binary
from core.errors import ClientDenied, ClientGarbled, ClientMissing, ClientTimeout
from core.model.text import clean

_DEADLINE_S = 10.0
_DENIED = "denied"

# Between fork and exec the start time is the new process's own already; an exec that fails is
# told through a pipe that a successful one closes.
_HELPER = r"""
import json, os, signal, stat, sys
order = json.loads(sys.stdin.buffer.read())
def say(**words):
    sys.stdout.write(json.dumps(words)); sys.stdout.flush(); os._exit(0)
try:
    os.chdir(order["cwd"])
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    log = os.open(order["log"] or os.devnull, flags, 0o640)
    if order["log"] and not stat.S_ISREG(os.fstat(log).st_mode):
        say(error="its log is no regular file", kind="denied")
    null = os.open(os.devnull, os.O_RDONLY)
except OSError as error:
    say(error=f"{error.filename}: {error.strerror}",
        kind="denied" if isinstance(error, PermissionError) else "missing")
os.set_blocking(log, True)
reader, writer = os.pipe2(os.O_CLOEXEC)
pid = os.fork()
if not pid:
    try:
        os.setsid()
        os.umask(0o022)
        for number in range(1, signal.NSIG):
            try: signal.signal(number, signal.SIG_DFL)
            except (OSError, ValueError): pass
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        for target, source in ((0, null), (1, log), (2, log)):
            os.dup2(source, target)
        os.closerange(3, writer); os.closerange(writer + 1, 256)
        os.execve(order["argv"][0], order["argv"], order["env"])
    except OSError as error:
        os.write(writer, json.dumps({"error": error.strerror,
            "kind": "denied" if isinstance(error, PermissionError) else "missing"}).encode())
    os._exit(127)
os.close(writer)
failed = os.read(reader, 4096)
if failed:
    say(**json.loads(failed))
with open(f"/proc/{pid}/stat", "rb") as file:
    ticks = int(file.read().rpartition(b") ")[2].split()[19])
say(pid=pid, ticks=ticks)
"""


def start(argv: tuple[str, ...], cwd: str, env: dict[str, str], log: str) -> ProcessId:
    """Start `argv` in a session of its own, output appended to `log`; empty: to nowhere.

    Raises:
        ClientMissing: the program or its folder is not there.
        ClientDenied: it may not be run, or its log may not be written.
        ClientTimeout, ClientGarbled: it cannot be told whether it was started.
    """
    program = argv[0] if "/" in argv[0] else find_binary(argv[0])
    folder = cwd or "/"
    order = {
        "argv": [os.path.join(folder, program), *argv[1:]],  # noqa: PTH118
        "cwd": folder,
        "env": child_environment(env),
        "log": log,
    }
    try:
        helper = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _HELPER],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=_DEADLINE_S,
            check=False,
            start_new_session=True,
            cwd="/",
        )
    except subprocess.TimeoutExpired as error:
        raise ClientTimeout(f"starting {clean(argv[0])} took over {_DEADLINE_S:g} s") from error
    try:
        said = json.loads(helper.stdout)
    except ValueError as error:
        words = clean(helper.stderr[-200:])
        raise ClientGarbled(f"starting {clean(argv[0])} went wrong: {words}") from error
    if "error" in said:
        kind = ClientDenied if said["kind"] == _DENIED else ClientMissing
        raise kind(f"{clean(argv[0])} could not be started: {clean(str(said['error']))}")
    return ProcessId(int(said["pid"]), int(said["ticks"]))
