"""Nothing but bounded reading commands can be made."""

import pytest

from core.clients.keyspace.allowed import ALLOWED, KEYED, Call
from core.clients.keyspace.rights import OPTIONAL, READING_USER, needs, rehearsal
from core.clients.keyspace.script import SMALL_RECORDS
from core.errors import ClientGarbled

FORBIDDEN = """
KEYS *|MONITOR|SMEMBERS k|HGETALL k|HKEYS k|HVALS k|SORT k|GET k|MGET k|DUMP k|RANDOMKEY|WAIT 1 0
SET k v|DEL k|UNLINK k|EXPIRE k 1|HSET k f v|XADD k * a b|XACK k g 1|XCLAIM k g c 0 1
XTRIM k MAXLEN 0|XGROUP CREATE k g 0|XREADGROUP GROUP g c STREAMS k >|XREAD STREAMS k 0
XAUTOCLAIM k g c 0 0
FLUSHALL|FLUSHDB|SHUTDOWN|SAVE|BGSAVE|BGREWRITEAOF|REPLICAOF NO ONE|FAILOVER|SWAPDB 0 1
DEBUG SLEEP 1|CONFIG SET maxmemory 1|CONFIG REWRITE|CONFIG RESETSTAT|CONFIG GET *
CONFIG GET requirepass|CONFIG GET require*
ACL SETUSER x|ACL LIST|ACL GETUSER x|CLIENT KILL x|CLIENT LIST|CLIENT PAUSE 1
EVAL return 0|EVALSHA x 0|EVAL_RO return 0|FCALL f 0|SCRIPT KILL|FUNCTION LIST|MULTI|EXEC|WATCH k
SUBSCRIBE c|PSUBSCRIBE *|BLPOP k 0|OBJECT FREQ k|MEMORY DOCTOR|MEMORY PURGE|MIGRATE h 1 k 0 1
SCAN 0|SCAN 0 COUNT|SCAN 0 COUNT 100000|SCAN 0 COUNT many|HSCAN k 0|HSCAN k 0 COUNT 65
XRANGE k - +|XRANGE k - + COUNT 501|XREVRANGE k + -|XRANGE k - + COUNT 0|XRANGE k COUNT 5
XPENDING k g|XPENDING k g - + 101|XPENDING k g IDLE 1 - + 10|XINFO STREAM k FULL|XINFO HELP
LRANGE k 0 -1|LRANGE k 0 100|ZRANGE k 0 -1|ZRANGE k 0 5 REV|ZRANGE k -inf +inf|GETRANGE k 0 -1
GETRANGE k 0 99999999|SLOWLOG GET|SLOWLOG GET -1|SLOWLOG GET 129|SLOWLOG RESET|MEMORY USAGE k
MEMORY USAGE k SAMPLES 0|MEMORY USAGE k SAMPLES 100|HRANDFIELD k 1000|HRANDFIELD k -5|INFO a b c
get k|ping|XINFO|SENTINEL FAILOVER shop|SENTINEL RESET *|CLUSTER FAILOVER|CLUSTER RESET|COMMAND
""".replace("\n", "|").strip("|")
CONTAINERS = (
    "XINFO",
    "XGROUP",
    "CONFIG",
    "ACL",
    "CLIENT",
    "SLOWLOG",
    "MEMORY",
    "OBJECT",
    "CLUSTER",
)
CONTAINERS = (*CONTAINERS, "SENTINEL", "SCRIPT", "FUNCTION", "DEBUG", "COMMAND")


def call_of(line: str) -> Call:
    words = line.split()
    size = 2 if words[0] in CONTAINERS and len(words) > 1 else 1
    return Call(" ".join(words[:size]), *words[size:])


@pytest.mark.parametrize("line", FORBIDDEN.split("|"))
def test_what_writes_or_has_no_bound_cannot_be_made(line: str) -> None:
    with pytest.raises(ClientGarbled, match="not among"):
        call_of(line)


@pytest.mark.parametrize("name", needs(is_cluster=True))
def test_what_is_needed_can_be_made_and_goes_out_word_by_word(name: str) -> None:
    line = rehearsal(name)
    call = call_of(" ".join(line))
    assert call.words == tuple(word.encode() for word in line)
    assert call.key == (b"k" if name in KEYED else None)


def test_a_name_cannot_bring_other_words() -> None:
    for name in ("PING\r\nFLUSHALL", "INFO FLUSHALL", "XINFO STREAM FULL", "ping", ""):
        with pytest.raises(ClientGarbled):
            Call(name)


def test_one_script_may_be_sent_and_no_other() -> None:
    keys = [b"k%d" % number for number in range(50)]
    assert Call("EVAL_RO", SMALL_RECORDS, 50, *keys).words[2:4] == (b"50", b"k0")
    for words in (
        ("return 0", 1, b"k"),
        (SMALL_RECORDS + " ", 1, b"k"),
        (SMALL_RECORDS, 0),
        (SMALL_RECORDS, 1),
        (SMALL_RECORDS, 1, b"k", b"argument"),
        (SMALL_RECORDS, 51, *keys, b"k50"),
        (SMALL_RECORDS,),
    ):
        with pytest.raises(ClientGarbled, match="not among"):
            Call("EVAL_RO", *words)


def test_keys_are_bytes_of_any_kind() -> None:
    assert Call("TYPE", b"\xff\r\n").words == (b"TYPE", b"\xff\r\n")


def test_the_reading_user_may_what_is_on_the_list_and_nothing_else() -> None:
    granted = {
        word[1:].replace("|", " ").upper() for word in READING_USER.split() if word[0] == "+"
    }
    dialling = {"HELLO", "AUTH", "SELECT", "CLIENT SETNAME", "ASKING"}
    kept = {"SENTINEL GET-MASTER-ADDR-BY-NAME", *OPTIONAL}
    assert granted - dialling == set(ALLOWED) - kept
    assert "+@" not in READING_USER
