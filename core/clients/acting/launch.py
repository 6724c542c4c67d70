"""Starts the executor so that it outlives us: the console, its terminal and its login session."""

import os
import shutil
import subprocess
import threading
from datetime import datetime
from pathlib import Path

from core.errors import ClientDenied, ClientRefused
from core.model.text import clean

_KEPT = ("PATH", "HOME", "LANG", "USER", "LOGNAME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
_SYSTEMD = Path("/run/systemd/system")
_STARTS_WITHIN_S = 15.0


def launch(argv: tuple[str, ...], log: Path, name: str, passed: tuple[str, ...] = ()) -> None:
    """Start a program in a session of its own; where systemd is PID 1, as a unit of its own.

    A login session that ends kills what it started (`KillUserProcesses=yes`); a unit is not of it.

    Args:
        argv: Absolute program first.
        log: What it prints is appended here.
        name: Of the unit: `quarterdeck-NAME.service`.
        passed: Names of further variables of ours that it may see.

    Raises:
        ClientError: it could not be started.
    """
    env, runner = _env(passed), _runner()
    if runner is not None:
        _as_unit(runner, argv, log, name, env)
    else:
        _in_own_session(argv, log, env)


def can_time() -> bool:
    """Tell whether `launch_at` can be used: systemd is PID 1, and is asked by root."""
    return _runner() is not None


def launch_at(
    argv: tuple[str, ...], log: Path, name: str, at: datetime, passed: tuple[str, ...] = ()
) -> None:
    """Have systemd start a program at a moment of UTC: a transient timer, gone after a reboot.

    Args are as for `launch`, which says what it raises too.
    """
    runner = _runner()
    if runner is None:
        raise ClientRefused("there is no systemd here that starts a program later")
    when = (
        f"--on-calendar={at:%Y-%m-%d %H:%M:%S} UTC", "--timer-property=AccuracySec=1s",
        "--timer-property=RemainAfterElapse=no",
    )  # fmt: skip
    _as_unit(runner, argv, log, name, _env(passed), when)


def cancel(unit: str) -> None:
    """Have systemd start nothing later any more; a timer that is gone is well, too.

    Raises:
        ClientRefused: systemd does not do it.
    """
    tool = shutil.which("systemctl") if can_time() else None
    if tool is None:
        return
    words = [tool, "--quiet", "--no-ask-password", "stop", f"{unit}.timer"]
    done = _called(words, _env(()), "systemctl does not stop the timer")
    said = clean(done.stderr or done.stdout)
    if done.returncode and "not loaded" not in said:
        raise ClientRefused(f"systemctl does not stop the timer: {said}")


def _env(passed: tuple[str, ...]) -> dict[str, str]:
    env = {one: os.environ[one] for one in (*_KEPT, *passed) if one in os.environ}
    return env | {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONUNBUFFERED": "1"}


def _runner() -> str | None:
    return shutil.which("systemd-run") if _SYSTEMD.is_dir() and os.geteuid() == 0 else None


def _as_unit(
    runner: str,
    argv: tuple[str, ...],
    log: Path,
    name: str,
    env: dict[str, str],
    when: tuple[str, ...] = (),
) -> None:
    words = [
        runner, "--quiet", "--collect", "--no-ask-password", f"--unit=quarterdeck-{name}",
        "--property=Type=exec", "--property=KillMode=process", "--property=UMask=0077",
        f"--property=StandardOutput=append:{log}", f"--property=StandardError=append:{log}",
        *when, *(f"--setenv={key}={value}" for key, value in env.items()), "--", *argv,
    ]  # fmt: skip
    done = _called(words, env, "systemd-run does not start the executor")
    if done.returncode:
        said = clean(done.stderr or done.stdout)
        raise ClientRefused(f"systemd-run does not start the executor: {said}")


def _called(
    words: list[str], env: dict[str, str], problem: str
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_STARTS_WITHIN_S,
            check=False, env=env,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ClientRefused(f"{problem}: {clean(str(error))}") from error


def _in_own_session(argv: tuple[str, ...], log: Path, env: dict[str, str]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        output = os.open(log, flags, 0o600)
        try:
            child = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", env=env,
                start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(output)
    except OSError as error:
        raise ClientDenied(f"the executor cannot be started: {error.strerror}") from error
    # Reaped while we live, adopted by init afterwards.
    threading.Thread(target=child.wait, name=f"qd-reaper-{child.pid}", daemon=True).start()
