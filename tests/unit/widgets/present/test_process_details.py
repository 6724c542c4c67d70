"""One process in full."""

from dataclasses import replace

from bench.scene import calm
from core.model.host import HostState
from core.model.text import clean
from core.model.views import Picture
from widgets.present.fitting import width_of
from widgets.present.line import Line
from widgets.present.process_details import key_of_pid, process_at, process_lines
from widgets.present.processes import process_key


def plain(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(part.text for part in one) for one in lines)


def with_host(picture: Picture, host: HostState) -> Picture:
    return replace(picture, snapshot=replace(picture.snapshot, host=host))


def described(picture: Picture, name: str, width: int = 100) -> str:
    row = next(one for one in picture.snapshot.host.processes if one.name == name)
    return plain(process_lines(row, picture, width))


def test_a_process_tells_whose_it_is_what_it_uses_and_where_it_listens() -> None:
    text = described(calm(), "uvicorn")
    for told in ("700   user engine", "CPU 3.1%", "141 MiB", "9 threads", "127.0.0.1:8000 tcp"):
        assert told in text
    assert "uvicorn main:app --host 127.0.0.1 --port 8000" in text


def test_a_long_command_is_wrapped_and_not_cut() -> None:
    picture = calm()
    row = picture.snapshot.host.processes[0]
    words = [f"--option-{number}" for number in range(30)]
    lines = process_lines(replace(row, command=clean(" ".join(words))), picture, 60)
    assert all(width_of(one) <= 60 for one in lines)
    assert all(word in plain(lines) for word in words)


def test_a_process_that_listens_nowhere_says_what_cannot_be_seen() -> None:
    picture = calm()
    assert "owners of 2 ports are hidden" in described(picture, "celery")
    seen = tuple(one for one in picture.snapshot.host.ports if one.pid is not None)
    host = replace(picture.snapshot.host, ports=seen)
    assert "listens on no port" in " ".join(described(with_host(picture, host), "celery").split())
    unseen = replace(host, ports=(), ports_at=None)
    assert "loading" in described(with_host(picture, unseen), "celery")


def test_a_service_that_runs_as_the_process_is_named() -> None:
    picture = calm()
    service, runtime = next(iter(picture.snapshot.runtimes.items()))
    row = replace(picture.snapshot.host.processes[0], pid=runtime.pid or 0)
    assert runtime.pid
    assert f"{service.system}/{service.service}" in plain(process_lines(row, picture, 100))


def test_a_process_that_has_ended_is_told() -> None:
    picture = calm()
    host = picture.snapshot.host
    row = host.processes[0]
    assert process_at(host, process_key(row)) == row
    assert process_at(host, f"{row.pid}@0.00") is None, "the pid was given to another"
    assert "ended" in plain(process_lines(None, picture, 60))


def test_a_port_leads_to_the_process_with_its_pid() -> None:
    host = calm().snapshot.host
    assert key_of_pid(host, 700) == process_key(host.processes[0])
    assert key_of_pid(host, 1) == key_of_pid(host, None) == ""
