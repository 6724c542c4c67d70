"""Outlives a demo that is killed, to leave nothing of it: `FOLDER PID START_TICKS`."""

import signal
import sys
from pathlib import Path

from demo.cleanup import clean
from demo.home import Home
from demo.processes import Identity, wait_until_gone


def main() -> None:
    """Wait for the supervisor's end, without using the processor, and clean up after it."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    folder, pid, ticks = sys.argv[1:4]
    wait_until_gone(Identity(int(pid), int(ticks)))
    clean(Home(Path(folder)))


if __name__ == "__main__":
    main()
