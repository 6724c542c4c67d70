"""How far a pass over the logs has come. Pure."""

from core.model.log_view import LogCount
from widgets.present.numbers import bytes_text


def progress_text(count: LogCount) -> str:
    """Return how much has been gone through: `≈ 34%: 12.0 MiB of 35.1 MiB, newest first`."""
    done, total = count.scanned_bytes, max(count.total_bytes, count.scanned_bytes)
    share = f"{100 * done // total}%: " if total else ""
    return f"≈ {share}{bytes_text(done)} of {bytes_text(total)}, newest first"
