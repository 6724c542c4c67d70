"""What is asked over HTTP and what came back, bounded and clean."""

from dataclasses import dataclass

from core.model.secret import Secret
from core.model.text import SafeText

BODY_LIMIT_BYTES = 1 << 20
"""Most that is read of a body, after decompression."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request. Never follows a redirect."""

    url: str
    timeout_s: float = 5.0
    """For everything together: name, connection, TLS, headers and body."""
    method: str = "GET"
    headers: tuple[tuple[str, Secret], ...] = ()
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer."""

    status: int
    headers: tuple[tuple[str, SafeText], ...]
    """Names in lower case; a repeated name appears as often as it was sent."""
    body: bytes
    """Decoded, at most `BODY_LIMIT_BYTES`. Raw: whoever keeps a part of it cleans it."""
    is_truncated: bool
    """True: the body was longer and the rest was not read."""
    latency_s: float
    """Until the whole answer was there."""

    def header(self, name: str) -> SafeText:
        """Return the first header of that name, empty when there is none."""
        return next((value for key, value in self.headers if key == name), SafeText(""))

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters."""
        return self.header("content-type").split(";")[0].strip().lower()
