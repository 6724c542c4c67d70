"""A secret shows itself in no rendering."""

import copy
import dataclasses
import io
import json
import logging
import pickle
import pprint
import subprocess
import sys
import traceback

import pytest

from core.model.secret import MASK, Secret

CANARY = "canary-5f2b9c"


def test_every_rendering_is_the_mask() -> None:
    secret = Secret(CANARY)
    assert {str(secret), repr(secret), f"{secret}", f"{secret:>20}", "%s" % secret} == {MASK}  # noqa: UP031
    assert CANARY not in repr([secret]) + repr({"k": secret})


def test_json_and_pickle_refuse_it() -> None:
    with pytest.raises(TypeError):
        json.dumps(Secret(CANARY))
    with pytest.raises(TypeError):
        pickle.dumps(Secret(CANARY))


def test_a_traceback_does_not_show_it() -> None:
    def fail(secret: Secret) -> None:
        raise ValueError(f"bad {secret}")

    try:
        fail(Secret(CANARY))
    except ValueError as error:
        shown = "".join(
            traceback.TracebackException.from_exception(error, capture_locals=True).format()
        )
        assert CANARY not in shown


def test_it_is_revealed_only_on_request_and_compares_by_value() -> None:
    assert Secret(CANARY).reveal() == CANARY
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != CANARY
    assert not Secret("")


def test_no_usual_way_of_writing_a_value_down_shows_it() -> None:
    @dataclasses.dataclass(frozen=True)
    class Holder:
        name: str
        secret: Secret

    one = Holder("a", Secret(CANARY))
    written = io.StringIO()
    print(one, [one], {"k": one.secret}, (one.secret,), file=written)
    pprint.pprint(one, stream=written)
    shown = (
        written.getvalue(),
        f"{one.secret} {one.secret!s} {one.secret!r} {one.secret!a}",
        str(ValueError(one.secret)),
        logging.LogRecord("n", 10, "p", 1, "%s %r", (one.secret, one), None).getMessage(),
        repr(vars(one)),
        json.dumps({"secret": one.secret}, default=str),
    )
    assert [text for text in shown if CANARY in text] == []


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_pickled_in_no_protocol_and_inside_nothing(protocol: int) -> None:
    for held in (Secret(CANARY), [Secret(CANARY)], {"k": (Secret(CANARY),)}):
        with pytest.raises(TypeError):
            pickle.dumps(held, protocol)
    with pytest.raises(TypeError):
        copy.deepcopy(Secret(CANARY))


def test_a_process_that_forbids_core_dumps_leaves_none() -> None:
    code = (
        "import resource; from core.clients.core_dumps import forbid_core_dumps as f; "
        "h = resource.getrlimit(resource.RLIMIT_CORE)[1]; f(); "
        "print(resource.getrlimit(resource.RLIMIT_CORE) == (0, h))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
