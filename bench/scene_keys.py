"""API keys and secrets of the scripted night: every kind of store, key and finding to draw.

The keys are made up, and none of them is whole here either.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bench.scene_key_usage import analytics
from bench.scene_secrets import secrets_views
from core.model.key_store import ApiKey, KeyLoss, KeyShape, KeyStoreView, StoreFile, StoreState
from core.model.keys_view import KeysPicture
from core.model.text import EMPTY, SafeText, clean

_API = "/srv/api-service"
_TIERS = (("free", 100), ("dev", 1_000), ("pro", 10_000), ("enterprise", 1_000_000))
_DAY = timedelta(days=1)


def keys_picture(now: datetime) -> KeysPicture:
    """Return everything there is to see of keys and secrets."""
    stores = (_split(now), _gateway(now), _corrupt(now), _missing(), _read_only(now), _listed(now))
    return KeysPicture(stores, secrets_views(now), is_read=True, are_secrets_read=True)


class StillKeysDesk:
    """Knows one picture."""

    def __init__(self, picture: KeysPicture, tell: Callable[[], None]) -> None:
        """Take what is known."""
        self._whole, self._tell = picture, tell
        self.picture = KeysPicture()
        """Nothing before somebody looks: the loss in it is not what other pictures are about."""
        self.is_watched = False
        self.looks = 0

    def start(self) -> None:
        """Tell that something is known."""
        self._tell()

    def watch(self, is_watched: bool) -> None:
        """Remember whether secrets are wanted."""
        if is_watched and not self.is_watched:
            self.picture = self._whole
            self._tell()
        self.is_watched = is_watched

    def look_now(self) -> None:
        """Count."""
        self.looks += 1

    def find(self, key: str, told: Callable[[str], None]) -> None:
        """Know no key."""
        told("")

    def dismiss(
        self, target: str, noticed: datetime, who: str, told: Callable[[SafeText], None]
    ) -> None:
        """Raise no alarm about a loss any more."""
        stores = tuple(
            replace(one, loss=replace(one.loss, is_dismissed=True))
            if one.target == target and one.loss is not None and one.loss.noticed == noticed
            else one
            for one in self.picture.stores
        )
        self.picture = replace(self.picture, stores=stores)
        self._tell()
        told(EMPTY)

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Do nothing, in time."""
        return True


def _texts(*texts: str) -> tuple[SafeText, ...]:
    return tuple(clean(one) for one in texts)


_MINUTE = timedelta(minutes=1)
_ROWS = (
    ("k-3fa91c", "Q9fA", "pro", 10_000, 10_412, 377, 2 * _MINUTE, 119, "acme"),
    ("k-b07e42", "x0Zq", "dev", 1_000, 871, 64, 9 * _MINUTE, 64, "hobby-app"),
    ("k-5d1c77", "_123", "dev", 1_000, 12, 3, 40 * _MINUTE, 388, ""),
    ("k-e90d18", "M2vw", "free", 100, 0, 0, 143 * _DAY, 301, "old trial"),
    ("k-71c2aa", "t7Kd", "pro", 10_000, 2_211, 90, 5 * _MINUTE, 80, "north-shop"),
    ("k-0c44f3", "hR31", "enterprise", 1_000_000, 402_118, 13_220, _MINUTE / 15, 212, "platform"),
    ("k-9ab2d0", "w-Xe", "pro", 10_000, 3_870, 120, _MINUTE, 33, "field-service"),
    ("k-28f6b5", "aa9B", "platinum", 50_000, None, None, None, 9, "[b]pilot[/b]"),
    ("k-c6120e", "Zk8s", "free", 100, 97, 0, 17 * _DAY, 250, ""),
    ("k-f4e37b", "p5Lm", "dev", 1_000, 310, 0, 3 * _DAY, 95, "event"),
)
"""Short id, end of the key, tier, quota, used (month, today), last used, age in days, name."""
_OFF = frozenset({"k-c6120e", "k-f4e37b"})
_FOUND = {
    "k-3fa91c": ("over quota (104 %)",),
    "k-b07e42": ("near quota (87 %)",),
    "k-5d1c77": ("sample key is live: everybody knows it", "no client is named"),
    "k-e90d18": ("unused for 90 days",),
    "k-28f6b5": ("tier is none that is known",),
}


def api_keys(now: datetime) -> tuple[ApiKey, ...]:
    """Return the keys of the API: live and not, near and over the quota, a sample, an unused."""
    return tuple(
        ApiKey(
            short_id, clean(f"key_…{end}"), clean(tier), tier != "platinum", quota,
            short_id not in _OFF, used, today,
            100 * used / quota if used is not None else None,
            now - seen if seen is not None else None, now - age * _DAY,
            now - 2 * _DAY if short_id == "k-f4e37b" else None, clean(name),
            _texts(*_FOUND.get(short_id, ())),
            _texts("api_keys.json: inactive") if short_id == "k-71c2aa" else (),
        )
        for short_id, end, tier, quota, used, today, seen, age, name in _ROWS
    )  # fmt: skip


def _file(
    path: str,
    now: datetime,
    keys: int,
    active: int,
    mode: str = "0640 app:app",
    *,
    is_server_file: bool | None = None,
) -> StoreFile:
    written = now - timedelta(hours=5, minutes=2)
    return StoreFile(
        clean(path), StoreState.READ, EMPTY, KeyShape.BY_KEY, keys, active, written, clean(mode),
        is_server_file,
    )  # fmt: skip


def _split(now: datetime) -> KeyStoreView:
    files = (
        _file(f"{_API}/api/api_keys.json", now, 10, 8, is_server_file=True),
        _file(f"{_API}/api_keys.json", now, 10, 7, "0644 root:root", is_server_file=False),
    )
    findings = _texts(
        "split store: the server reads api/api_keys.json (its working folder); api_keys.json"
        " differs in 1 key, 1 still live at the server",
        "1 key everybody knows is live",
        "api_keys.json may be read by everybody (0644 root:root)",
    )
    note = "the server takes the file from its working directory; the tool from yours"
    return KeyStoreView(
        "api-service", "keys", clean("API keys"), StoreState.READ, EMPTY, api_keys(now), files,
        _TIERS, findings, analytics(now), None, now - timedelta(seconds=2), clean(note),
    )  # fmt: skip


def _key(short_id: str, end: str, now: datetime, tier: str = "standard") -> ApiKey:
    seen = now - timedelta(minutes=3)
    return ApiKey(
        short_id, clean(f"gw_…{end}"), clean(tier), True, None, True, 1_204, 88, None, seen,
        now - 20 * _DAY,
    )  # fmt: skip


def _gateway(now: datetime) -> KeyStoreView:
    keys = (_key("k-aa01bc", "9Qw2", now), _key("k-17d9e3", "Lt0x", now))
    file = _file("/srv/api-gateway/config/keys.json", now, 2, 2, "0600 gw:gw", is_server_file=True)
    lost = KeyLoss(
        now - timedelta(minutes=13),
        12,
        ("k-1b1b1b",),
        clean("/var/backups/keys/keys-20260228T030000Z.json"),
    )
    return KeyStoreView(
        "api-gateway", "clients", clean("Gateway clients"), StoreState.READ, EMPTY, keys, (file,),
        (), loss=lost, read_at=now - timedelta(seconds=2),
    )  # fmt: skip


def _corrupt(now: datetime) -> KeyStoreView:
    why = clean("not JSON: it ends in the middle of line 41")
    path = clean("/srv/business-engine/data/api_keys.json")
    written = now - timedelta(seconds=184)
    file = StoreFile(
        path, StoreState.UNREADABLE, why, KeyShape.KEYS_LIST, None, None, written,
        clean("0600 engine:engine"), True, is_bind_mount=True,
    )  # fmt: skip
    keys = (_key("k-84c1f9", "n3Rb", now, "internal"),)
    return KeyStoreView(
        "business-engine", "service-keys", clean("Service keys"), StoreState.UNREADABLE, why, keys,
        (file,), (), read_at=written,
    )  # fmt: skip


def _missing() -> KeyStoreView:
    why = clean("no such file; the server would make one with two published keys")
    file = StoreFile(
        clean("/srv/scraper/keys.json"), StoreState.MISSING, why, KeyShape.UNKNOWN, None, None,
        None, EMPTY, None,
    )  # fmt: skip
    return KeyStoreView(
        "scraper", "scraper-keys", clean("Scraper keys"), StoreState.MISSING, why, (), (file,), ()
    )


def _read_only(now: datetime) -> KeyStoreView:
    why = clean("two readings fit: a list of records, and tiers with records")
    file = StoreFile(
        clean("/srv/legacy/users.json"), StoreState.READ_ONLY, why, KeyShape.UNKNOWN, 0, 0,
        now - 40 * _DAY, clean("0640 www:www"), None,
    )  # fmt: skip
    return KeyStoreView(
        "legacy", "users", clean("Users"), StoreState.READ_ONLY, why, (), (file,), (),
        read_at=now - timedelta(seconds=2),
    )  # fmt: skip


def _listed(now: datetime) -> KeyStoreView:
    file = StoreFile(
        clean("127.0.0.1:6379/0 auth:keys"), StoreState.READ, EMPTY, KeyShape.REDIS_LIST, 1, 1,
        None, EMPTY, True,
    )  # fmt: skip
    return KeyStoreView(
        "assistant", "assistant-keys", clean("Assistant keys"), StoreState.READ, EMPTY,
        (_key("k-d2087a", "v8Yc", now, "staff"),), (file,), (), read_at=now - timedelta(seconds=2),
    )  # fmt: skip
