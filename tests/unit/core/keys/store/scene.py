"""A store in a folder, at the moment the recorded files were written."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from core.clients.key_files import KeyFiles
from core.clients.key_server import ServerFile
from core.keys.ids import KeyIds
from core.keys.store.book import KeyBook, Surroundings
from core.keys.store.graces import Grace
from core.keys.store.losses import Losses
from core.keys.store.sidecar import Sidecar
from core.model.key_spec import KeyStoreSpec
from core.model.text import clean
from tests.fakes.clock import FakeClock

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
DATA = Path(__file__).parents[4] / "data" / "keys"
IDS = KeyIds(b"a key that only this test has......")
TIERS = (("free", 100), ("dev", 1000), ("pro", 10_000), ("enterprise", 1_000_000))
K1 = "key_FIXTUREhr7shzhChjIcFQNcAW-0hgWj5gBWVbWt"


class Scene:
    """One store, and all that a book of it needs. Waits cost nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "api").mkdir()
        self.path = folder / "api" / "api_keys.json"
        self.also = folder / "api_keys.json"
        self.clock = FakeClock(NOW)
        self.server: ServerFile = ServerFile(None, clean("nobody asked"))
        self.copies: list[str] = []
        self.waits: list[float] = []

    def put(self, name: str, at: Path | None = None) -> Path:
        """Put a recorded file where the store is."""
        place = at or self.path
        place.write_bytes((DATA / name).read_bytes())
        place.chmod(0o600)
        return place

    def spec(self, **more: object) -> KeyStoreSpec:
        beside = self.path.parent
        return KeyStoreSpec(
            name="api-keys", path=str(self.path), also=(str(self.also),), tiers=TIERS,
            usage=(str(self.folder / "rate_limits.json"), str(beside / "rate_limits.json")),
            analytics=(str(beside / "api_analytics.json"),),
            never_live=("dev_key_123", "pro_key_456"), **more,  # pyright: ignore[reportArgumentType]
        )  # fmt: skip

    def book(
        self,
        files: KeyFiles | None = None,
        graces: Callable[[], tuple[Grace, ...]] = lambda: (),
        **more: object,
    ) -> KeyBook:
        losses = Losses(Sidecar(self.folder / "state", "engine", "api-keys"), IDS)
        around = Surroundings(lambda: self.server, self._copies, graces=graces)
        kept = files or KeyFiles(wait=self.waits.append)
        return KeyBook("engine", self.spec(**more), kept, self.clock, IDS, losses, around)

    def _copies(self, path: str) -> Sequence[str]:
        return self.copies if path == str(self.path) else ()
