"""A secret shows itself in no rendering."""

import json
import pickle
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
