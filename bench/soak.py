"""`python -m bench.soak [MINUTES]`: the console on the demo, left alone: memory over time."""

import os
import sys

from bench import ours
from bench.pty_program import PtyProgram

_EVERY_S = 30.0


def main() -> None:
    """Print minutes, resident MB, CPU seconds and bytes written, twice a minute."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    with ours.demo_config() as config:
        subject = ours.overview_of_demo(config)
        with PtyProgram(list(subject.argv), env) as program:
            program.wait_for_text(subject.ready, 30)
            print("minutes\tRSS MB\tCPU s\tbytes")
            for step in range(int(minutes * 60 / _EVERY_S) + 1):
                rss, cpu = program.rss_bytes() / 1e6, program.cpu_s()
                print(
                    f"{step * _EVERY_S / 60:.1f}\t{rss:.1f}\t{cpu:.1f}\t{program.received}",
                    flush=True,
                )
                program.run_for(_EVERY_S)


if __name__ == "__main__":
    main()
