"""The machine: gauges, charts, disks, folders, processes, ports."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bench.scene import SCENES, calm, loading, trouble
from core.model.events import SourceReported
from core.model.text import clean
from core.model.views import Picture
from widgets.present.fitting import width_of
from widgets.present.host import (
    charts,
    disk_lines,
    folder_lines,
    gauge_line,
    gauges,
    network_lines,
    share_tone,
)
from widgets.present.line import Tone
from widgets.present.processes import (
    is_process_fault,
    port_cells,
    process_cells,
    process_key,
    process_sort,
)


def plain(lines) -> str:
    return "\n".join("".join(part.text for part in one) for one in lines)


@pytest.mark.parametrize(
    ("percent", "tone"),
    [(79.9, Tone.ACCENT), (80, Tone.DEGRADED), (89.9, Tone.DEGRADED), (90, Tone.DOWN)],
)
def test_a_share_changes_its_tone_at_the_thresholds(percent: float, tone: Tone) -> None:
    assert share_tone(percent) is tone


def test_a_full_disk_says_so_in_a_word() -> None:
    assert "93% FULL" in plain(gauges(trouble(), 60, 6))
    assert "FULL" not in plain(gauges(calm(), 60, 6))


def test_no_sample_yet_is_loading_and_a_failing_source_says_why() -> None:
    picture = loading()
    assert plain([gauge_line(picture, 80)]) == "host: loading…"
    report = SourceReported("host", picture.now, False, clean("permission denied"), None)
    broken = replace(picture, snapshot=replace(picture.snapshot, sources={"host": report}))
    assert plain(charts(broken, 80, 20)) == "host: unreachable: permission denied"


def test_a_folder_that_cannot_be_read_says_why_and_a_partial_size_is_a_lower_bound() -> None:
    picture = calm()
    text = plain(folder_lines(picture.snapshot.host, 90, picture.now))
    assert "unreachable: permission denied" in text
    assert "≥ 12.0 GiB" in text
    empty = plain(folder_lines(loading().snapshot.host, 90, picture.now))
    assert "loading…" in empty


def test_charts_show_the_present_value_and_the_bounds_of_their_axis() -> None:
    text = plain(charts(trouble(), 120, 30))
    for word in ("CPU  61%", "100% ┤", "0% ┤", "Network in", "the last 15 min"):
        assert word in text


def test_with_little_room_each_measure_is_one_line() -> None:
    lines = charts(trouble(), 80, 5)
    assert len(lines) == 5
    assert "CPU" in plain(lines[:1])


def blocks(picture: Picture, width: int) -> list:
    host = picture.snapshot.host
    return [
        *charts(picture, width, 24),
        *gauges(picture, width, 6),
        gauge_line(picture, width),
        *disk_lines(host, width),
        *folder_lines(host, width, picture.now),
        *network_lines(host, width),
    ]


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("width", [46, 80, 120, 200])
def test_everything_fits_its_width(name: str, width: int) -> None:
    lines = blocks(SCENES[name](), width)
    assert max(width_of(one) for one in lines) <= width


def test_a_process_is_its_pid_with_its_start_because_pids_are_reused() -> None:
    one = calm().snapshot.host.processes[0]
    later = replace(one, started_at=one.started_at + timedelta(seconds=1))
    assert process_key(one) != process_key(later)


def test_a_process_seen_once_has_no_cpu_figure_yet() -> None:
    picture = calm()
    one = replace(picture.snapshot.host.processes[0], cpu_percent=None)
    assert plain([process_cells(one, picture.now)[2]]) == "–"
    assert process_sort(one)[2] is None


def test_a_zombie_and_a_core_eater_are_faults() -> None:
    one = calm().snapshot.host.processes[0]
    assert not is_process_fault(one)
    assert is_process_fault(replace(one, state="zombie"))
    assert is_process_fault(replace(one, cpu_percent=99.0))


def test_a_port_open_to_all_says_so_and_one_we_may_not_see_into_says_that() -> None:
    ports = {one.port: one for one in calm().snapshot.host.ports}
    assert "(all)" in plain(port_cells(ports[22]))
    assert "another user's process" in plain(port_cells(ports[5432]))
