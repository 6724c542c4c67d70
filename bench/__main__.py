"""`python -m bench [--runs N] [--idle S] [--write]`: the console beside its peers, in one run.

Prints a Markdown table; `--write` puts it into docs/benchmarks.md between its markers.
"""

import argparse
import os

from bench import ours, peers
from bench.document import write_section
from bench.terminal import Figures, Subject, measure, median_of

_HEADER = (
    "| program | first screen ms | start CPU s | idle CPU % | idle B/s | RSS MB "
    "| key p50 / p95 ms | bytes per key | CPU ms per key |\n|---|---|---|---|---|---|---|---|---|"
)


def row(figures: Figures) -> str:
    """Render one line of the table."""
    return (
        f"| {figures.name} | {figures.first_screen_ms:,.0f} | {figures.start_cpu_s:.2f} "
        f"| {figures.idle_cpu_percent:.1f} | {figures.idle_bytes_per_s:,.0f} "
        f"| {figures.rss_mb:.0f} | {figures.key_p50_ms:.1f} / {figures.key_p95_ms:.1f} "
        f"| {figures.bytes_per_key:,.0f} | {figures.cpu_ms_per_key:.1f} |"
    )


def budgets(table: dict[str, Figures]) -> list[str]:
    """Compare with the budgets; a line says which peer a figure was held against."""
    us, keys = table["quarterdeck"], table["quarterdeck, 1,000 live rows"]
    wanted = [
        (
            "first screen ms",
            us.first_screen_ms,
            "first_screen_ms",
            {"dolphie": 0.35, "glances": 1.2},
        ),
        ("start CPU s", us.start_cpu_s, "start_cpu_s", {"posting": 0.5}),
        ("idle CPU %", us.idle_cpu_percent, "idle_cpu_percent", {"dolphie": 0.33}),
        ("idle B/s", us.idle_bytes_per_s, "idle_bytes_per_s", {"dolphie": 0.2, "btop": 0.4}),
        ("key p95 ms", keys.key_p95_ms, "key_p95_ms", {"btop": 1.5, "dolphie": 0.3}),
        ("bytes per key", keys.bytes_per_key, "bytes_per_key", {"dolphie": 0.03}),
    ]
    lines = ["", "| figure | ours | budget | |", "|---|---|---|---|"]
    for label, value, field, shares in wanted:
        for peer, share in shares.items():
            if peer not in table:
                continue
            limit = share * getattr(table[peer], field)
            verdict = "within" if value <= limit else "**over**"
            lines.append(f"| {label} | {value:.2f} | {share} × {peer} = {limit:.2f} | {verdict} |")
    for label, value, limit in (
        ("start CPU s", us.start_cpu_s, 1.0),
        ("bytes per key", keys.bytes_per_key, 700.0),
        ("RSS MB", us.rss_mb, 80.0),
    ):
        verdict = "within" if value <= limit else "**over**"
        lines.append(f"| {label} | {value:.2f} | {limit:g} | {verdict} |")
    return lines


def run(runs: int, idle_s: float, presses: int) -> list[str]:
    """Measure everything `runs` times, in turn, so that drift of the machine hits all alike."""
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    with (
        peers.mariadb() as port,
        ours.demo_config() as demo,
        ours.thousand_rows_config() as wide,
    ):
        others, absent = peers.subjects(port)
        subjects: list[Subject] = [
            ours.overview_of_demo(demo),
            ours.cursor_in_thousand_rows(wide),
            *others,
        ]
        results: dict[str, list[Figures]] = {subject.name: [] for subject in subjects}
        for _ in range(runs):
            for subject in subjects:
                results[subject.name].append(measure(subject, env, idle_s, presses))
    table = {name: median_of(figures) for name, figures in results.items()}
    lines = [_HEADER, *(row(figures) for figures in table.values()), *budgets(table)]
    return [*lines, "", *(f"Not measured: {why}" for why in absent)] if absent else lines


def main() -> None:
    """Parse the arguments, measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--idle", type=float, default=10.0, help="seconds left alone")
    parser.add_argument("--presses", type=int, default=60)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args()
    text = "\n".join(run(given.runs, given.idle, given.presses))
    print(text)
    if given.write:
        write_section("terminal", text)


if __name__ == "__main__":
    main()
