"""Who looks, and what is known to be secret: told by any thread, hidden at once."""

import json
import os
from pathlib import Path
from threading import Thread

from core.clients.recorders import programs_above
from core.model.key_spec import KeyStoreSpec
from core.model.operation import EnvFileSpec, OperationsSpec
from core.model.secret import MASK, Secret
from core.model.veil import VEIL, Veil
from tests.fakes.world import service, system, topology
from tui.presenting import KnownFiles, KnownWatch, Presenting, presenting_of, who_records

VALUE = "hunter2-and-more"


def test_what_is_known_is_hidden_on_every_way_out() -> None:
    Presenting().set_known([Secret(VALUE)])
    assert VEIL.hide(f"it is {VALUE}.") == f"it is {MASK}."
    assert VEIL.hide_bytes(b"\xff " + VALUE.encode()) == b"\xff " + MASK.encode()
    assert VEIL.hide_bytes(b"\xff nothing") == b"\xff nothing"


def test_what_is_saved_to_be_given_away_holds_no_shape_of_a_secret_either() -> None:
    veil = Veil()
    line = b'{"note": "\xff", "api_key": "sk-FadezDLuyQ2xW9e8r7t6"}'
    kept = b'{"note": "\xff", "api_key": "' + MASK.encode() + b'"}'
    assert veil.hide_for_keeping(line) == kept, "nobody knows this value"
    Presenting(veil=veil).set_known([Secret(VALUE)])
    assert veil.hide_for_keeping(f"it is {VALUE}".encode()) == f"it is {MASK}".encode()
    plain = b"GET /orders/4711 200 12ms \xff"
    assert veil.hide_for_keeping(plain) is plain


def test_a_value_stays_hidden_when_its_source_has_it_no_more() -> None:
    presenting = Presenting(veil=Veil())
    presenting.add_known("a", [Secret(VALUE)])
    presenting.add_known("a", [Secret("another-value")])
    assert presenting.known == {Secret(VALUE), Secret("another-value")}


def test_nothing_is_revealed_while_others_look() -> None:
    presenting = Presenting(veil=Veil())
    assert presenting.may_reveal
    presenting.turn(is_on=True)
    assert not presenting.may_reveal
    assert presenting.hidden("token=abcdef") == f"token={MASK}"
    presenting.turn(is_on=False)
    assert presenting.hidden("token=abcdef") == "token=abcdef"


def test_turning_it_on_forgets_nothing() -> None:
    presenting = Presenting(veil=Veil())
    presenting.set_known([Secret(VALUE)])
    presenting.turn(is_on=True)
    presenting.turn(is_on=False)
    assert presenting.hidden(VALUE) == MASK


def test_a_password_that_is_the_name_of_a_service_is_not_hidden() -> None:
    veil = Veil()
    presenting = presenting_of(topology(system("shop", service("postgres"))), veil=veil)
    presenting.add_known("env", [Secret("postgres"), Secret(VALUE)])
    assert veil.hide(f"postgres {VALUE}") == f"postgres {MASK}"


def test_threads_that_learn_at_once_lose_nothing() -> None:
    presenting = Presenting(veil=Veil())

    def learn(number: int) -> None:
        for turn in range(20):
            presenting.add_known(f"{number}", [Secret(f"value-{number}-{turn}")])

    threads = [Thread(target=learn, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(presenting.known) == 80
    assert presenting.hidden("value-3-19") == MASK


def test_files_are_read_again_only_when_they_change(tmp_path: Path) -> None:
    env, store = tmp_path / "app.env", tmp_path / "keys.json"
    env.write_text(f"API_SECRET={VALUE}\n")
    store.write_text(json.dumps({"key_9fQ2xVb7Lk0aTz8RmWc4": {}}))
    own = OperationsSpec(
        "shop",
        env_files=(EnvFileSpec("app", str(env)),),
        keys=(KeyStoreSpec("keys", path=str(store), also=(str(tmp_path / "missing.json"),)),),
    )
    files = KnownFiles({"shop": own})
    assert {path for path, _ in files.news()} == {str(env), str(store)}
    assert list(files.news()) == []
    env.write_text("API_SECRET=a-longer-new-value\n")
    presenting = Presenting(veil=Veil())
    KnownWatch(files, presenting).look()
    assert presenting.known == {Secret("a-longer-new-value")}


def test_a_large_store_is_left_for_later(tmp_path: Path) -> None:
    store = tmp_path / "keys.json"
    store.write_text(json.dumps({"key_9fQ2xVb7Lk0aTz8RmWc4": {}}))
    files = KnownFiles({"shop": OperationsSpec("shop", keys=(KeyStoreSpec("k", path=str(store)),))})
    assert list(files.news(most_bytes=10)) == []
    assert [path for path, _ in files.news()] == [str(store)]


def test_what_keeps_the_terminal_is_named() -> None:
    assert who_records({}, lambda: ("bash", "sshd")) == ""
    assert who_records({"TMUX": "/tmp/t,1,0"}, lambda: ("bash", "script")) == "tmux, script"
    assert who_records({"ASCIINEMA_REC": "1"}, lambda: ("asciinema",)) == "asciinema"


def test_before_a_reveal_a_recorder_is_named_once() -> None:
    presenting = Presenting(veil=Veil())
    assert presenting.warning_before_reveal({}, lambda: ("bash",)) == ""
    assert "tmux may keep" in presenting.warning_before_reveal({"TMUX": "x"}, lambda: ())
    assert presenting.warning_before_reveal({"TMUX": "x"}, lambda: ()) == ""


def test_the_programs_above_us_are_named_up_to_the_first() -> None:
    own = Path("/proc/self/comm").read_text().strip()
    assert next(programs_above(os.getpid())) == own
    assert len(tuple(programs_above())) >= 1
    assert tuple(programs_above(0)) == ()


def test_a_revealed_value_shows_on_the_screen_alone_and_until_it_is_hidden_again() -> None:
    veil = Veil()
    presenting = Presenting(veil=veil)
    presenting.set_known([Secret(VALUE), Secret("another-value")])
    assert presenting.reveal(Secret(VALUE))
    presenting.add_known("a store", [Secret("a-third-value")])
    assert presenting.hidden(f"{VALUE}, another-value, a-third-value") == (
        f"{VALUE}, {MASK}, {MASK}"
    )
    assert veil.hide(f"x {VALUE} y") == f"x {MASK} y"
    presenting.end_reveal()
    assert presenting.hidden(VALUE) == MASK


def test_that_others_look_ends_a_reveal_and_allows_none() -> None:
    presenting = Presenting(veil=Veil())
    presenting.set_known([Secret(VALUE)])
    assert presenting.reveal(Secret(VALUE))
    presenting.turn(is_on=True)
    assert presenting.hidden(VALUE) == MASK
    assert not presenting.reveal(Secret(VALUE))
    presenting.turn(is_on=False)
    assert presenting.hidden(VALUE) == MASK
