"""A JSON Web Token, taken apart locally. Frozen values."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.text import SafeText


class Signature(StrEnum):
    """Whether a token is signed with the secret that is known here."""

    GOOD = "good"
    BAD = "bad"
    UNSIGNED = "unsigned"
    """`alg: none`."""
    UNCHECKED = "not checked"
    """No secret is known, or it is of another kind."""


@dataclass(frozen=True, slots=True)
class TokenView:
    """What a token says."""

    algorithm: SafeText
    subject: SafeText
    scopes: tuple[SafeText, ...]
    issued_age_s: float | None
    starts_in_s: float | None
    """Until it counts; None: no `nbf`, or it counts already."""
    expires_in_s: float | None
    """Negative: it has expired; None: never."""
    claims: tuple[tuple[SafeText, SafeText], ...]
    """Every claim as it stands."""
    signature: Signature
    why: SafeText
    findings: tuple[SafeText, ...]
    """Such as: several scopes in one text, never expires, no subject."""
