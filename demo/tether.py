"""Runs a command that dies with the demo: `python -m demo.tether COMMAND [WORD…]`."""

import os
import sys

from demo.processes import die_with_parent

if __name__ == "__main__":
    die_with_parent()  # the setting outlives exec
    os.execvp(sys.argv[1], sys.argv[1:])
