"""The document of benchmarks, into which each of them writes its own section."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs/benchmarks.md"


def read_section(name: str) -> str:
    """Return what stands between `<!-- NAME:begin -->` and its end.

    Raises:
        SystemExit: the document has no such section.
    """
    return _parts(name)[1]


def write_section(name: str, text: str) -> None:
    """Put a text in the place of a section.

    Raises:
        SystemExit: the document has no such section.
    """
    before, _, after = _parts(name)
    DOCUMENT.write_text(f"{before}\n{text.strip()}\n{after}", encoding="utf-8")


def _parts(name: str) -> tuple[str, str, str]:
    """Return what stands before a section, with its mark, the section, and what stands behind."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, has_begin, rest = DOCUMENT.read_text(encoding="utf-8").partition(begin)
    section, has_end, after = rest.partition(end)
    if not (has_begin and has_end):
        raise SystemExit(f"{DOCUMENT} has no section between {begin} and {end}")
    return f"{before}{begin}", section, f"{end}{after}"
