"""INFO as fields, and every refusal by its name."""

import socket
import ssl
from pathlib import Path

import pytest
from redis import exceptions

from core.clients.redis import RedisServer, parse_info
from core.clients.redis_errors import RedisSaid, translate
from core.errors import (
    ClientError,
    ClientGarbled,
    ClientMissing,
    ClientRefused,
    ClientTimeout,
    ClientUnresolved,
)
from core.model.secret import Secret

DATA = Path(__file__).parents[3] / "data" / "system"


def test_info_is_read_by_fields() -> None:
    info = parse_info((DATA / "redis_info_memory.txt").read_bytes())
    assert info["used_memory"] == "440401920"
    assert info["maxmemory_policy"] == "noeviction"
    assert "# Memory" not in info


def test_values_may_hold_colons_and_controls() -> None:
    info = parse_info(b"# x\r\nexecutable:/usr/bin/a:b\r\nname:\x1b[2J\r\njunk\r\n")
    assert info["executable"] == "/usr/bin/a:b"
    assert info["name"] == "␛[2J"
    assert set(info) == {"executable", "name"}


CASES = [
    (exceptions.AuthenticationError("Authentication required."), "NOAUTH"),
    (exceptions.AuthenticationError("invalid password"), "WRONGPASS"),
    (exceptions.ResponseError("NOAUTH Authentication required."), "NOAUTH"),
    (exceptions.ResponseError("WRONGPASS invalid username-password pair"), "WRONGPASS"),
    (exceptions.NoPermissionError("this user has no permissions"), "NOPERM"),
    (exceptions.BusyLoadingError("Redis is loading the dataset in memory"), "LOADING"),
    (exceptions.MasterDownError("Link with MASTER is down"), "MASTERDOWN"),
    (exceptions.ReadOnlyError("You can't write against a read only replica."), "READONLY"),
    (exceptions.ResponseError("BUSY Redis is busy running a script."), "BUSY"),
    (exceptions.ResponseError("MISCONF Redis is configured to save RDB"), "MISCONF"),
    (exceptions.OutOfMemoryError("command not allowed when used memory > 'maxmemory'."), "OOM"),
    (exceptions.ConnectionError("max number of clients reached"), "MAXCLIENTS"),
    (exceptions.ResponseError("odd"), "ERR"),
]


@pytest.mark.parametrize(("error", "code"), CASES, ids=lambda case: str(case)[:24])
def test_an_error_answer_has_its_code(error: Exception, code: str) -> None:
    said = translate(error)
    assert isinstance(said, RedisSaid)
    assert said.code == code


def caused(cause: OSError) -> exceptions.ConnectionError:
    error = exceptions.ConnectionError("Error connecting")
    error.__cause__ = cause
    return error


def test_what_stands_between_is_named_too() -> None:
    assert isinstance(translate(caused(ConnectionRefusedError())), ClientRefused)
    assert isinstance(translate(caused(FileNotFoundError())), ClientMissing)
    assert isinstance(translate(exceptions.TimeoutError("slow")), ClientTimeout)
    assert isinstance(translate(exceptions.ConnectionError("reset")), ClientRefused)
    tls = translate(caused(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]")))
    assert isinstance(tls, RedisSaid)
    assert tls.code == "TLS"


async def test_no_command_but_the_reading_ones_leaves() -> None:
    server = RedisServer(Secret("redis://127.0.0.1:1/0"), 0.2)
    with pytest.raises(ClientGarbled, match="FLUSHALL is not among"):
        await server._ask("FLUSHALL")
    await server.aclose()


def test_a_url_of_another_kind_is_refused_without_showing_it() -> None:
    with pytest.raises(ClientError) as caught:
        RedisServer(Secret("http://user:hunter2@host"), 1.0)
    assert "hunter2" not in str(caught.value)


def test_a_silent_name_server_is_no_refusal() -> None:
    silent = translate(caused(socket.gaierror(socket.EAI_AGAIN, "try again")))
    unknown = translate(caused(socket.gaierror(socket.EAI_NONAME, "not known")))
    assert (type(silent), type(unknown)) == (ClientUnresolved, ClientRefused)
