"""Hides secrets in text: values that are known, then known shapes, then random words. Pure."""

from collections.abc import Iterable
from functools import lru_cache

from core.keys.known_values import KnownValues
from core.keys.random_words import LEAST_CHARS, random_spans
from core.keys.shape_hints import may_hold_shape
from core.model.masking import Spans, masked, merged, secret_spans
from core.model.secret import Secret

_KEPT_TEXTS = 2048
"""Lines of several screens: most of a repaint was there before."""
_KEPT_CHARS = 1024
_SIGNS = frozenset(":=@-_ \t")


class Redactor:
    """Knows what to hide. Never changes: who learns more makes another one.

    A known value is found wherever it stands, also percent-encoded, escaped as in JSON, inside
    base64, and as the piece that is left where a line was cut or wrapped. Values under six
    characters are not searched for. Of more than 2,000 values only whole ones are, and no base64.

    Args:
        known: Values that are secret.
        is_presenting: Others are looking: a screen hides shapes and random words too, and long
            digests where they say what they are.
    """

    def __init__(self, known: Iterable[Secret] = (), *, is_presenting: bool = False) -> None:
        self.is_presenting = is_presenting
        self._known = KnownValues(one.reveal() for one in known)
        self._revealed = ""
        self._known_spans = lru_cache(_KEPT_TEXTS)(self._find_known)
        self._all_spans = lru_cache(_KEPT_TEXTS)(self._find_all)

    def presenting(self, *, is_on: bool) -> "Redactor":
        """Return one that knows the same; nothing is built again."""
        other = Redactor(is_presenting=is_on)
        other._known = self._known
        return other

    def revealing(self, value: Secret | None) -> "Redactor":
        """Return one that lets a screen show one value; None: no more. Exports never have it."""
        other = Redactor(is_presenting=self.is_presenting)
        other._known = self._known
        other._revealed = value.reveal() if value is not None else ""
        return other

    def redact(self, text: str) -> str:
        """Return text with all that looks secret masked."""
        return masked(text, self.spans(text))

    def redact_known(self, text: str) -> str:
        """Return text with the known values masked, and nothing else; the same object if none."""
        return masked(text, self.known_spans(text))

    def spans(self, text: str) -> Spans:
        """Return begin and end of all that looks secret, in order, none overlapping."""
        return self._all_spans(text) if len(text) <= _KEPT_CHARS else self._find_all(text)

    def known_spans(self, text: str) -> Spans:
        """Return begin and end of the known values, in order, none overlapping."""
        if not self._known:
            return ()
        return self._known_spans(text) if len(text) <= _KEPT_CHARS else self._find_known(text)

    def shown_spans(self, text: str) -> Spans:
        """Return what a screen must not show: everything while others look, else known values."""
        if self.is_presenting:
            return self.spans(text)
        spans = self.known_spans(text)
        if spans and self._revealed:
            return tuple(span for span in spans if text[span[0] : span[1]] != self._revealed)
        return spans

    def _find_known(self, text: str) -> Spans:
        found = self._known.spans(text)
        return merged(found, text) if found else ()

    def _find_all(self, text: str) -> Spans:
        found = self._known.spans(text)
        if len(text) >= LEAST_CHARS or not _SIGNS.isdisjoint(text):
            if may_hold_shape(text):
                found += secret_spans(text)
            found += random_spans(text, is_strict=self.is_presenting)
        return merged(found, text) if found else ()
