"""Where records begin and end, from two lines alone."""

import itertools

import pytest

from core.logs.parse.continuation import continues, split
from core.model.log import LogLevel
from tests.unit.core.logs.parse.corpus import LOGS, records_in

TRACEBACK = b"Traceback (most recent call last):\n"


@pytest.mark.parametrize(
    ("before", "line"),
    [
        (b"ERROR:    Exception in ASGI application\n", TRACEBACK),
        (TRACEBACK, b'  File "x.py", line 1\n'),
        (b"    raise OSError(28)\n", b"OSError: [Errno 28] No space left on device\n"),
        (b"    raise Refused\n", b"shop.errors.Refused\n"),
        (b"    sys.exit(3)\n", b"SystemExit: 3\r\n"),
        (b"OSError: gone\n", b"\n"),
        (b"\n", b"During handling of the above exception, another exception occurred:\n"),
        (b"\n", TRACEBACK),
        (b"  + Exception Group Traceback (most recent call last):\n", b"  | x.Y: z\n"),
        (b"\tat com.example.Shop.sell(Shop.java:3)\n", b"Caused by: java.io.IOException: x\n"),
        (b'  "a": 1\n', b"}\n"),
        (b"api-1  | ERROR: x\n", b"api-1  |   File\n"),
        (b"api-1  |     raise X\n", b"api-1  | x.y.Z: gone\n"),
        (b"\x1b[36mapi |\x1b[0m " + TRACEBACK, b'\x1b[33mapi |\x1b[0m   File "x"\n'),
        (b"Mar 14 09:26:53 h app[9]: x\n", b"Mar 14 09:26:54 h app[9]:   File\n"),
        (b'{"log":"a\\n","stream":"stderr"}\n', b'{"log":"  File","stream":"stderr"}\n'),
        (b'{"log":"a\\n","stream":"stderr"}\n', b'{"log":"\\tat x","stream":"stderr"}\n'),
        (b'{"log":"half of it","stream":"stdout"}\n', b'{"log":"other\\n","stream":"stdout"}\n'),
        (b"\xff\xfea\0\n", b"\0 \0 \0x\0\n"),
        (b'    raise UpstreamRefused("no")\n', b"UpstreamRefused: no\n"),
        (b"    raise shop.Refused\n", b"shop.Refused\n"),
        (b"    raise Refused from error\n", b"Refused\n"),
        (b"    ask()\n", b"UpstreamRefused: no answer\r\n"),
        (b"    ~~~~^^^^^\n", b"Refused: no answer\n"),
        (b'  File "x.py", line 3, in ask\n', b"refused\n"),
        (b"  [Previous line repeated 996 more times]\n", b"Deep: down\n"),
        (b"sqlalchemy.exc.DBAPIError: x\n", b"[SQL: select 1]\n"),
        (b"    | ValueError: 1\n", b"    +-----------\n"),
        (b"2026-03-14 09:26:53 ERROR x\n", b"java.io.IOException: y\n"),
        (b"\t... 7 more\n", b"Suppressed: a.B: c\n"),
        (b"panic: index out of range\n", b"\n"),
        (b"panic: x\n", b"[signal SIGSEGV: segmentation violation code=0x1]\n"),
        (b"\n", b"goroutine 18 [select, 5 minutes]:\n"),
        (b"goroutine 1 [running]:\n", b"main.main()\n"),
        (b"\t/src/x.go:8 +0x1d\n", b"main.(*Shop).sell(0xc000, {0x1, 0x2})\n"),
        (b"\t/src/x.go:8 +0x1d\n", b"created by main.start in goroutine 1\n"),
    ],
)
def test_a_line_that_goes_on(before: bytes, line: bytes) -> None:
    assert continues(line, before)


@pytest.mark.parametrize(
    ("before", "line"),
    [
        (None, b"  indented\n"),
        (b"INFO a\n", b"INFO b\n"),
        (b"    indented\n", b"INFO:     b\n"),
        (b"    indented\n", b"Error: b\n"),
        (b"    indented\n", b"Processing: b\n"),
        (b"x\n", b"ValueError: said by a logger\n"),
        (b'INFO:     1.2.3.4:5 - "GET / HTTP/1.1" 500 Internal Server Error\n', TRACEBACK),
        (b'{"level":"INFO"}\n', TRACEBACK),
        (b"api-1  | ERROR: x\n", b"web-1  |   File\n"),
        (b"api-1  | ERROR: x\n", b"  File\n"),
        (b"Mar 14 09:26:53 h app[9]: x\n", b"Mar 14 09:26:54 h app[10]:   File\n"),
        (b'{"log":"a\\n","stream":"stderr"}\n', b'{"log":"b\\n","stream":"stderr"}\n'),
        (b'{"level":"INFO"}\n', b'{"level":"INFO"}\n'),
        (b"    ~~~~^^^^^\n", b"INFO:     next\n"),
        (b"    ~~~~^^^^^\n", b"API_ERROR: {}\n"),
        (b"    ~~~~^^^^^\n", b"2026-03-14 09:26:54,000 - app - INFO - next\n"),
        (b'  File "x.py", line 3, in ask\n', b"two words\n"),
        (b"    raise Refused\n", b"Accepted: x\n"),
        (b"  two spaces\n", b"UpstreamRefused: no answer\n"),
        (b"said\n", b"UpstreamRefused: no answer\n"),
        (b"said\n", b"java.io.IOException: y\n"),
        (b"\tindented\n", b"main.main()\n"),
        (b"said\n", b"goroutine count is 7\n"),
        (b"goroutine count is 7\n", b"main.main()\n"),
        (b"\t/src/x.go:8 +0x1d\n", b"exit status 2\n"),
    ],
)
def test_a_line_that_begins_a_record(before: bytes | None, line: bytes) -> None:
    assert not continues(line, before)


@pytest.mark.parametrize("name", ["000_api.log", "004/app.log", "003_compose_v1_logs.txt"])
def test_from_the_middle_it_cuts_as_from_the_front(name: str) -> None:
    data = (LOGS / name).read_bytes()
    whole = split(data)
    lines = data.splitlines(keepends=True)
    at = 0
    for before, line in itertools.pairwise(lines):
        at += len(before)
        later = [(begin + at, end + at) for begin, end in split(data[at:], before)]
        assert later[1:] == [span for span in whole if span[0] >= later[0][1]]
        assert (at in {begin for begin, _ in whole}) is not continues(line, before)


def test_a_traceback_through_the_engine_is_one_record() -> None:
    entries = [b"ERROR boom\\n", b"Traceback (most recent call last):\\n", b"  File x\\n"]
    entries += [b"OSError: gone\\n", b"INFO next\\n"]
    data = b"".join(b'{"log":"%s","stream":"stderr"}\n' % entry for entry in entries)
    first, second = records_in(data)
    assert first.message == "boom"
    assert first.details == ("Traceback (most recent call last):", "  File x", "OSError: gone")
    assert second.message == "next"


def test_the_engines_pieces_of_a_long_line_are_joined() -> None:
    body = b'{\\"level\\":\\"error\\",\\"msg\\":\\"%s\\"}' % (b"a" * 20_000)
    entries = (body[:16_384], body[16_384:] + b"\\n", b"INFO next\\n")
    data = b"".join(b'{"log":"%s","stream":"stdout"}\n' % entry for entry in entries)
    first, second = records_in(data)
    assert first.level is not None
    assert first.level.word == "error"
    assert first.fields["transport.stream"] == "stdout"
    assert second.message == "next"


def test_a_traceback_through_the_journal_is_one_record() -> None:
    entry = '{"_PID":"%d","__REALTIME_TIMESTAMP":"1773480413000005","MESSAGE":"%s"}\n'
    lines = [
        "ERROR boom",
        "Traceback (most recent call last):",
        '  File \\"x\\"',
        "OSError: gone",
        "",
    ]
    data = "".join(entry % (7, line) for line in lines)
    data += entry % (8, "  other") + entry % (8, "x")
    first, second, third = records_in(data.encode())
    assert (first.message, first.level) == ("boom", LogLevel.ERROR)
    assert first.details == (lines[1], '  File "x"', "OSError: gone")
    assert [second.message, third.message] == ["  other", "x"]


def test_pretty_printed_json_is_one_record() -> None:
    (record,) = records_in(b'{\n  "level": "error",\n  "msg": "x"\n}\n')
    assert (record.message, record.details) == ("x", ())


def test_of_a_record_of_very_many_lines_the_last_counts_those_left_out() -> None:
    (record,) = records_in(b"INFO begun\n" + b"  more\n" * 30_000)
    assert len(record.details) == 20_001
    assert record.details[-1] == "… (and 10000 lines)"
    assert record.raw.count(b"more") == 30_000


CHAINED = b"""\
2026-03-14 09:26:53,000 - app - ERROR - boom
Traceback (most recent call last):
  File "a.py", line 1, in ask
    answer()
UpstreamRefused: no answer

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "b.py", line 2, in sell
    raise Unsold("later")
Unsold: later

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "c.py", line 3, in run
    sell()
    ~~~~^^
shop.errors.Closed
"""
GROUP = b"""\
2026-03-14 09:26:53,000 - app - ERROR - boom
  + Exception Group Traceback (most recent call last):
  |   File "a.py", line 1, in <module>
  |     raise ExceptionGroup("two", [Refused(1), Unsold(2)])
  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Refused: 1
    +---------------- 2 ----------------
    | Unsold: 2
    +------------------------------------
"""
JAVA = b"""\
2026-03-14 09:26:53,000 ERROR boom
java.lang.IllegalStateException: x
\tat com.example.Shop.sell(Shop.java:1)
Caused by: java.io.IOException: y
\tat com.example.Shop.ask(Shop.java:3)
\t... 2 more
"""
GO = b"""\
panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.main()
\t/src/main.go:8 +0x1d
main.(*Shop).sell(0xc000012345, {0x1, 0x2})
\t/src/shop.go:3
created by main.start in goroutine 1
\t/src/shop.go:9 +0x5

goroutine 18 [select, 5 minutes]:
net/http.(*Server).Serve(...)
\t/usr/lib/server.go:3
"""
NEXT = b"2026-03-14 09:26:54,000 - app - INFO - next\n"


@pytest.mark.parametrize("whole", [CHAINED, GROUP, JAVA, GO])
@pytest.mark.parametrize("carrier", [b"", b"api-1  | "])
def test_what_an_exception_prints_is_one_record(whole: bytes, carrier: bytes) -> None:
    lines = (whole + NEXT).splitlines(keepends=True)
    data = b"".join(carrier + line for line in lines)
    assert split(data) == [
        (0, len(data) - len(carrier + NEXT)),
        (len(data) - len(carrier + NEXT), len(data)),
    ]
    assert b"".join(record.raw for record in records_in(data)) == data
