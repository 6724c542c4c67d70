"""The log tools that we are held against, and their command lines.

`python -m bench.logs_peers` installs toolong and duckdb into environments of their own, beside the
other peers; lnav, ripgrep, grep, less and tail come from the system's packages.
"""

import shutil
from pathlib import Path

from bench.peers import HOME, install_into

LNAV, RG, GREP = shutil.which("lnav"), shutil.which("rg"), shutil.which("grep")
LESS, TAIL = shutil.which("less"), shutil.which("tail")
TOOLONG = str(HOME / "toolong/bin/tl") if (HOME / "toolong/bin/tl").exists() else None
DUCKDB = str(HOME / "duckdb/bin/python") if (HOME / "duckdb/bin/python").exists() else None
_DUCKDB_COUNT = (
    "import duckdb, sys; print(duckdb.sql(\"SELECT count(*) FROM read_json(?, format='nd', "
    "columns={'duration_ms': 'DOUBLE'}) WHERE duration_ms > 5000\", params=[sys.argv[1]])"
    ".fetchall()[0][0])"
)


def duckdb_count(path: Path) -> list[str]:
    """Return the command that counts the slow requests of a JSON file."""
    return [DUCKDB or "", "-c", _DUCKDB_COUNT, str(path)]


def lnav_filter(path: Path, pattern: str, *, is_headless: bool) -> list[str]:
    """Return the command that shows only the lines that hold a pattern."""
    first = [LNAV or "", "-N", *(["-n"] if is_headless else [])]
    return [*first, "-c", f":filter-in {pattern}", str(path)]


def absent() -> list[str]:
    """Return one line for each tool that cannot be run here."""
    system = {"lnav": LNAV, "rg": RG, "grep": GREP, "less": LESS, "tail": TAIL}
    own = {"toolong": TOOLONG, "duckdb": DUCKDB}
    return [
        *(f"{name}: not installed (from the system)" for name, path in system.items() if not path),
        *(f"{name}: not installed (`python -m bench.logs_peers`)" for name in own if not own[name]),
    ]


def install() -> None:
    """Make an environment for each tool of the package index."""
    for name in ("toolong", "duckdb"):
        install_into(HOME / name, (name,))


if __name__ == "__main__":
    install()
