"""Names that a Redis server gives: any bytes, shown safely, spelled so that they can be typed."""

import re
from dataclasses import dataclass

from core.model.text import SafeText, clean

_ESCAPE = re.compile(r"\\(?:x(?P<hex>[0-9a-fA-F]{2})|(?P<self>\\))")
_SHOWN_CHARS = 512


@dataclass(frozen=True, slots=True, order=True)
class KeyName:
    """A key, or the name of a group or consumer, as the server has it."""

    raw: bytes

    @property
    def shown(self) -> SafeText:
        """For the screen; long names are cut."""
        return clean(self.spelled, _SHOWN_CHARS)

    @property
    def spelled(self) -> str:
        r"""For command lines and plans: what cannot be printed as `\xNN`, a backslash doubled.

        `KeyName.read` gives the same name back.
        """
        try:
            text = self.raw.decode()
        except UnicodeDecodeError:
            text = ""
        if text and "\\" not in text and text.isprintable() and clean(text) == text:
            return text
        return "".join(
            "\\\\" if byte == 0x5C else chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}"
            for byte in self.raw
        )

    @classmethod
    def read(cls, text: str) -> "KeyName":
        r"""Return the name that is spelled so; a backslash that begins no escape is itself."""
        parts: list[bytes] = []
        at = 0
        for found in _ESCAPE.finditer(text):
            parts += [text[at : found.start()].encode("utf-8", "surrogateescape")]
            parts += [bytes.fromhex(found["hex"]) if found["hex"] else b"\\"]
            at = found.end()
        parts.append(text[at:].encode("utf-8", "surrogateescape"))
        return cls(b"".join(parts))
