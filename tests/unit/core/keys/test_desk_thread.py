"""The keys desk looks at stores all the time, at secrets while watched, and ends in time."""

import hashlib
import threading
from datetime import UTC, datetime

import pytest

from core.clients.clock import SystemClock
from core.errors import ClientRefused
from core.keys.desk_thread import MOST_PAUSE_S, STORES_EVERY_S, Books, KeysDeskThread, pause_after
from core.model.key_store import ApiKey, KeyStoreView, StoreState
from core.model.secret_view import SecretsView
from core.model.text import EMPTY, SafeText, clean

WAIT_S = 90.0


class Counted:
    """A book that counts its looks and wakes whoever waits for one."""

    def __init__(self, *, is_broken: bool = False) -> None:
        self.looks = 0
        self.changed = threading.Event()
        self._is_broken = is_broken

    def _count(self) -> None:
        self.looks += 1
        self.changed.set()
        if self._is_broken:
            raise RuntimeError("a bug")


class Store(Counted):
    def __init__(self, *, is_broken: bool = False) -> None:
        super().__init__(is_broken=is_broken)
        self.dismissed: list[tuple[datetime, str]] = []

    def look(self) -> KeyStoreView:
        self._count()
        moment = datetime(2026, 3, 1, tzinfo=UTC)
        title = clean(f"look {self.looks}")
        short_id = self.mark_of("key_abc")[:8]
        key = ApiKey(short_id, clean("key_…abc"), clean("pro"), True, None, True)
        return KeyStoreView(
            "shop", "keys", title, StoreState.READ, EMPTY, (key,), (), (), read_at=moment
        )

    @property
    def target(self) -> str:
        return "shop/keys"

    def dismiss(self, noticed: datetime, who: str) -> None:
        if who == "nobody":
            raise ClientRefused("the state folder is full")
        self.dismissed.append((noticed, who))

    def mark_of(self, identity: str) -> str:
        return f"k-{hashlib.sha256(identity.encode()).hexdigest()}"


class Inventory(Counted):
    def look(self) -> SecretsView:
        self._count()
        return SecretsView("shop", ())


def begun(store: Store, inventory: Inventory) -> tuple[KeysDeskThread, threading.Event]:
    told = threading.Event()
    desk = KeysDeskThread(
        lambda: Books((store,), lambda: (inventory,)), SystemClock().monotonic, told.set
    )
    desk.start()
    return desk, told


def test_secrets_wait_until_somebody_watches() -> None:
    store, inventory = Store(), Inventory()
    desk, told = begun(store, inventory)
    assert told.wait(WAIT_S)
    assert desk.picture.is_read
    assert inventory.looks == 0
    desk.watch(True)
    assert inventory.changed.wait(WAIT_S)
    store.changed.clear()
    desk.look_now()
    assert store.changed.wait(WAIT_S)
    assert desk.stop(WAIT_S)
    assert desk.picture.stores[0].target == "shop/keys"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_is_left_to_who_writes_crashes_down() -> None:
    desk, told = begun(Store(is_broken=True), Inventory())
    assert told.wait(WAIT_S)
    assert desk.stop(WAIT_S)
    assert desk.picture.is_broken


class Costly(Store):
    """A store of which each look takes two seconds, by a clock that nothing else moves."""

    now_s = 0.0

    def look(self) -> KeyStoreView:
        self.now_s += 2.0
        return super().look()


def test_looks_that_cost_much_come_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pause_after(0.0) == pause_after(0.1) == STORES_EVERY_S
    assert pause_after(1.0) >= 5.0, "else a file of use that never rests keeps a core busy"
    assert pause_after(60.0) == MOST_PAUSE_S
    store, pauses = Costly(), list[float]()
    desk = KeysDeskThread(lambda: Books((store,), tuple), lambda: store.now_s, lambda: None)
    came, wait = threading.Event(), desk._wake.wait  # pyright: ignore[reportPrivateUsage]

    def waited(pause_s: float) -> bool:
        pauses.append(pause_s)
        came.set()
        return wait(WAIT_S)

    monkeypatch.setattr(desk._wake, "wait", waited)  # pyright: ignore[reportPrivateUsage]
    desk.start()
    assert came.wait(WAIT_S)
    assert desk.stop(WAIT_S)
    assert pauses == [pause_after(2.0)]


def test_it_may_be_stopped_before_it_began() -> None:
    desk = KeysDeskThread(lambda: Books((), tuple), SystemClock().monotonic, lambda: None)
    assert desk.stop(WAIT_S)


def test_a_whole_key_is_found_by_its_short_id_and_no_other_is() -> None:
    store = Store()
    desk, told = begun(store, Inventory())
    assert told.wait(WAIT_S)
    found, came = list[tuple[str, str]](), threading.Semaphore(0)

    def take(short_id: str) -> None:
        found.append((short_id, threading.current_thread().name))
        came.release()

    for key in ("key_abc", "key_abd"):
        desk.find(key, take)
        assert came.acquire(timeout=WAIT_S)
    assert found == [(store.mark_of("key_abc")[:8], "qd-keys"), ("", "qd-keys")]
    assert desk.stop(WAIT_S)


def test_that_a_loss_was_read_is_kept_by_its_store_or_it_is_told_why_not() -> None:
    store, moment = Store(), datetime(2026, 3, 1, tzinfo=UTC)
    desk, _ = begun(store, Inventory())
    said: list[SafeText] = []
    came = threading.Semaphore(0)

    def told(problem: SafeText) -> None:
        said.append(problem)
        came.release()

    desk.dismiss("shop/keys", moment, "ada", told)
    desk.dismiss("shop/keys", moment, "nobody", told)
    assert came.acquire(timeout=WAIT_S)
    assert came.acquire(timeout=WAIT_S)
    assert said == [EMPTY, "the state folder is full"]
    assert store.dismissed == [(moment, "ada")]
    assert desk.stop(WAIT_S)
