"""Each way to fail has its word and, where there is one, a remedy."""

import pytest

from core.clients.redis_errors import ConnectionDropped, NotRedis, RedisSaid
from core.errors import (
    ClientDenied,
    ClientError,
    ClientGarbled,
    ClientMissing,
    ClientRefused,
    ClientTimeout,
    ClientUnresolved,
)
from core.redis.trouble import trouble_of

SAID = [
    "NOAUTH",
    "WRONGPASS",
    "LOADING",
    "MASTERDOWN",
    "READONLY",
    "OOM",
    "BUSY",
    "MISCONF",
    "MOVED",
    "ASK",
    "TRYAGAIN",
    "CLUSTERDOWN",
    "CROSSSLOT",
    "WRONGTYPE",
    "NOGROUP",
    "MAXCLIENTS",
    "TLS",
    "FAILOVER",
]


@pytest.mark.parametrize("code", SAID)
def test_what_a_server_says_keeps_its_code_and_has_a_remedy(code: str) -> None:
    found = trouble_of(RedisSaid(code, "because"))
    assert (found.word, found.text) == (code, f"{code}: because")
    assert found.remedy


OURS = [
    (ClientRefused("connection refused"), "refused"),
    (ConnectionDropped("closed"), "dropped"),
    (ClientTimeout("no answer within 2 s"), "timeout"),
    (ClientUnresolved("DNS: no name server answers"), "DNS"),
    (ClientRefused("a:1: DNS: no such host"), "DNS"),
    (ClientMissing("the socket does not exist"), "missing"),
    (ClientDenied("our user may not open the socket"), "denied"),
    (NotRedis("what answers is no Redis: HTTP/1.1"), "not redis"),
]


@pytest.mark.parametrize(("error", "word"), OURS, ids=str)
def test_what_stands_between_has_a_word_and_a_remedy(error: ClientError, word: str) -> None:
    found = trouble_of(error)
    assert (found.word, bool(found.remedy)) == (word, True)


def test_what_has_no_remedy_promises_none() -> None:
    assert trouble_of(RedisSaid("ERR", "odd")).remedy == ""
    assert trouble_of(RedisSaid("STRANGE", "")).remedy == ""
    assert trouble_of(ClientGarbled("odd")).word == "unreadable"


REFUSED = [
    ("User shy has no permissions to run the 'xinfo|stream' command", "SETUSER shy +xinfo|stream"),
    ("this user has no permissions to run the 'scan' command or its", "SETUSER USER +scan"),
    ("User shy has no permissions to access one of the keys used", "SETUSER shy %R~*"),
    ("No permissions to access a key", "SETUSER USER %R~*"),
    ("No permissions to access a channel", "SETUSER USER &*"),
]


@pytest.mark.parametrize(("text", "rule"), REFUSED)
def test_a_missing_right_is_told_with_its_rule(text: str, rule: str) -> None:
    assert trouble_of(RedisSaid("NOPERM", text)).remedy.endswith(rule)
