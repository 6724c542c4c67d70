"""What `quarterdeck tokens` prints: who a token is, what it may do, for how long. Pure."""

from cli import exits
from cli.as_json import as_json
from cli.backup_report import age_text
from cli.output import aligned
from core.keys.tokens.trying import Tried
from core.model.token_view import Signature, TokenView

FORMAT = 1


def exit_code(view: TokenView) -> int:
    """Return 0 for a token without findings, signed with a secret that is known or not checked."""
    is_signed = view.signature in {Signature.GOOD, Signature.UNCHECKED}
    return exits.OK if is_signed and not view.findings else exits.TROUBLE


def token_document(view: TokenView, tried: Tried | None = None) -> dict[str, object]:
    """Return the JSON document of `tokens decode --json` and `tokens try --json`."""
    document: dict[str, object] = {"format": FORMAT, "token": as_json(view)}
    if tried is not None:
        document["tried"] = as_json(tried)
    return document


def token_lines(view: TokenView) -> list[str]:
    """Return what a token says, its findings last."""
    rows = [
        ("subject", view.subject or "-"),
        ("scopes", " · ".join(view.scopes) or "none"),
        ("expires", expiry_text(view)),
        ("issued", "-" if view.issued_age_s is None else _ago(view.issued_age_s)),
        ("signature", f"{view.signature} ({view.algorithm}): {view.why}"),
    ]
    rows += [("claim", f"{name} = {value}") for name, value in view.claims]
    rows += [("finding", one) for one in view.findings]
    return aligned(rows)


def expiry_text(view: TokenView) -> str:
    """Return how long a token still counts, or when it begins to."""
    if view.starts_in_s is not None:
        return f"does not count for another {age_text(view.starts_in_s)}"
    if view.expires_in_s is None:
        return "never"
    if view.expires_in_s <= 0:
        return f"expired {age_text(-view.expires_in_s)} ago"
    return f"in {age_text(view.expires_in_s)}"


def _ago(age_s: float) -> str:
    return f"{age_text(age_s)} ago" if age_s >= 0 else f"in {age_text(-age_s)}"


def tried_lines(tried: Tried, url: str) -> list[str]:
    """Return what the service said; that it says nothing of scopes is said too."""
    who = f", as {tried.who}" if tried.who else ""
    return [
        f"{tried.status} from {url}: {tried.text}{who}",
        "its scopes are read from the token; the service does not say them",
    ]
