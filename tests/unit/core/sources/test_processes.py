"""Plain processes as services: by pidfile first, else by command."""

from dataclasses import replace

from core.clients.pidfile import Pidfile
from core.clients.processes import ProcessPlace
from core.model.events import RuntimeObserved
from core.model.ids import ServiceId
from core.model.runtime_state import RuntimeState
from core.model.text import clean
from core.model.topology import PlainProcess, ServiceSpec
from core.model.verdict import Verdict
from core.sources.processes import ServiceProcessSource
from tests.fakes.clock import FakeClock
from tests.fakes.host import FakeHost, process, zombie

ID = ServiceId("shop", "api")
API = process(100, "/venv/bin/python", "/venv/bin/uvicorn", "main:app")


async def looked(host: FakeHost, place: PlainProcess) -> RuntimeState:
    source = ServiceProcessSource((ServiceSpec(ID, "API", place, ()),), host, FakeClock())
    (event,) = await source.look()
    assert isinstance(event, RuntimeObserved)
    assert event.service == ID
    return event.state


BY_COMMAND = PlainProcess(command=("uvicorn", "main:app"))
BY_BOTH = PlainProcess(command=("uvicorn", "main:app"), pidfile="/run/api.pid")


async def test_a_process_is_found_by_its_command() -> None:
    state = await looked(FakeHost(process(7, "grep", "uvicorn"), API), BY_COMMAND)
    assert (state.verdict, state.state, state.pid) == (Verdict.OK, "running", 100)
    assert state.fingerprint == "100@100"


async def test_children_count_into_cpu_and_memory() -> None:
    workers = [process(pid, "worker", parent=100) for pid in (101, 102)]
    state = await looked(FakeHost(API, *workers), BY_COMMAND)
    assert (state.cpu_percent, state.memory_bytes) == (3.0, 3000)
    assert "2 children" in state.reason


async def test_nothing_found_is_down_and_says_what_was_looked_for() -> None:
    state = await looked(FakeHost(process(7, "vim", "uvicorn")), BY_COMMAND)
    assert (state.verdict, state.state) == (Verdict.DOWN, "not running")
    assert "uvicorn main:app" in state.reason
    assert state.memory_bytes is None


async def test_the_pidfile_decides_between_two_of_a_kind() -> None:
    other = replace(API, pid=200)
    host = FakeHost(API, other)
    host.pidfiles["/run/api.pid"] = Pidfile(200)
    assert (await looked(host, BY_BOTH)).pid == 200


async def test_a_stale_pidfile_is_said_though_the_service_runs() -> None:
    host = FakeHost(API, process(200, "vim", "x"))
    host.pidfiles["/run/api.pid"] = Pidfile(200)
    state = await looked(host, BY_BOTH)
    assert (state.verdict, state.pid) == (Verdict.DEGRADED, 100)
    assert "stale pidfile /run/api.pid: pid 200 is now vim" in state.reason


async def test_a_stale_pidfile_without_a_process_is_down() -> None:
    host = FakeHost()
    host.pidfiles["/run/api.pid"] = Pidfile(200)
    state = await looked(host, BY_BOTH)
    assert state.verdict is Verdict.DOWN
    assert "pid 200 is gone" in state.reason


async def test_without_a_pidfile_the_command_finds_it() -> None:
    state = await looked(FakeHost(API), BY_BOTH)
    assert (state.verdict, state.pid) == (Verdict.OK, 100)
    assert "no pidfile" in state.reason


async def test_several_matches_are_listed() -> None:
    state = await looked(FakeHost(API, replace(API, pid=200)), BY_COMMAND)
    assert state.state == "running ×2"
    assert "100, 200" in state.reason


async def test_the_working_folder_tells_two_apart() -> None:
    host = FakeHost(API, replace(API, pid=200))
    host.places = {
        100: ProcessPlace(clean("/srv/other"), True),
        200: ProcessPlace(clean("/srv/api"), True),
    }
    place = PlainProcess(command=("uvicorn", "main:app"), cwd="/srv/api/")
    assert (await looked(host, place)).pid == 200


async def test_the_same_command_inside_a_container_is_not_taken() -> None:
    host = FakeHost(API)
    host.places = {100: ProcessPlace(None, False)}
    assert (await looked(host, BY_COMMAND)).verdict is Verdict.DOWN


async def test_a_zombie_and_a_stopped_process_are_down() -> None:
    place = PlainProcess(pidfile="/run/api.pid")
    host = FakeHost(zombie(API))
    host.pidfiles["/run/api.pid"] = Pidfile(100)
    assert (await looked(host, place)).state == "zombie"
    host.processes = (replace(API, state="stopped"),)
    assert (await looked(host, place)).verdict is Verdict.DOWN


async def test_a_restart_changes_the_fingerprint_even_with_the_same_pid() -> None:
    before = await looked(FakeHost(API), BY_COMMAND)
    after = await looked(FakeHost(replace(API, start_ticks=999)), BY_COMMAND)
    assert before.fingerprint != after.fingerprint
