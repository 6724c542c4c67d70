"""Says of a secret what can be said without showing it: what is wrong with it, what it is. Pure."""

import re
from urllib.parse import urlsplit

from core.errors import TokenError
from core.keys.secrets.names import has_url_secret, is_signing
from core.keys.tokens.decoding import decode_token
from core.model.secret import Secret
from core.model.text import SafeText, clean

LEAST_SIGNING_CHARS = 16
_PLACEHOLDER = re.compile(
    r"^(?:change[-_ ]?(?:me|this|it)|replace[-_ ]?(?:me|this)|example|sample|placeholder|dummy"
    r"|secret|password|passwd|default|test(?:ing)?|todo|none|null|undefined|fixme|insert[-_ ].*"
    r"|x{3,}|\*{3,}|\.{3,}|0{4,}|1234\d*|abc123|qwerty)[!.]?$"
    r"|(?:^|[-_ ])change[-_]?(?:me|this)(?:$|[-_ !])|^<.*>$|^\$?\{\{.*\}\}$"
    r"|^(?:your|my|the)[-_ ].*|.*[-_]here$|(?:^|[-_])x{4,}$",
    re.IGNORECASE,
)
_WEAK = frozenset({"admin", "root", "guest", "postgres", "redis", "user", "letmein", "12345"})
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
_MOST_PLACEHOLDER_CHARS = 120
_SOON_S = 30 * 86400.0
_DAY_S = 86400.0

Judged = tuple[tuple[SafeText, ...], tuple[SafeText, ...]]
"""What is wrong, and what else can be said."""


def judge_value(name: str, secret: Secret, now_s: float, *, is_of_tokens: bool = False) -> Judged:
    """Return what is to be said of a value; its text is in none of it.

    `is_of_tokens`: the configuration says that tokens are signed with it.
    """
    value = secret.reveal()
    if has_url_secret(value):
        return _judge_url(value), ()
    if _JWT.fullmatch(value):
        return _judge_token(name, value, now_s)
    found: list[SafeText] = []
    if _is_placeholder(value):
        found.append(SafeText("a placeholder: nobody has set it"))
    elif value.lower() in _WEAK:
        found.append(SafeText("a word that everybody tries first (admin/admin)"))
    elif (is_of_tokens or is_signing(name)) and len(value) < LEAST_SIGNING_CHARS:
        text = f"shorter than {LEAST_SIGNING_CHARS} characters: what it signs can be forged"
        found.append(clean(text))
    elif len(set(value)) == 1:
        found.append(SafeText("one character, repeated"))
    return tuple(found), ()


def _is_placeholder(value: str) -> bool:
    """Tell what nobody has filled in; it is short, and a long text costs nothing."""
    return len(value) <= _MOST_PLACEHOLDER_CHARS and _PLACEHOLDER.search(value) is not None


def _judge_url(value: str) -> tuple[SafeText, ...]:
    try:
        url = urlsplit(value)
        user, password = url.username or "", url.password or ""
    except ValueError:
        return (SafeText("not an address that can be read"),)
    if password and password == user:
        return (SafeText("its password is its user's name (admin/admin)"),)
    if _is_placeholder(password) or password.lower() in _WEAK:
        return (SafeText("its password is a placeholder, or what everybody tries first"),)
    return ()


def _judge_token(name: str, value: str, now_s: float) -> Judged:
    """Return what a key that is a token says of itself, such as Supabase's."""
    try:
        view = decode_token(value, now_s)
    except TokenError:
        return (SafeText("looks like a token and is none: cut, or mixed up"),), ()
    claims, found, notes = dict(view.claims), list[SafeText](), list[SafeText]()
    role = claims.get(SafeText("role"), SafeText("")).strip('"')
    if role:
        notes.append(clean(f"role {role}"))
        if "SERVICE" in name.upper() and role != "service_role":
            found.append(clean(f"role {role}: a service key's is service_role"))
    left_s = view.expires_in_s
    if left_s is None:
        notes.append(SafeText("never expires"))
    elif left_s <= 0:
        found.append(clean(f"expired {-left_s / _DAY_S:.0f} days ago"))
    else:
        notes.append(clean(f"expires in {left_s / _DAY_S:.0f} days"))
        if left_s < _SOON_S:
            found.append(clean(f"expires in {left_s / _DAY_S:.0f} days"))
    return tuple(found), tuple(notes)


def judge_address(name: str, value: str) -> tuple[SafeText | None, SafeText | None]:
    """Return what is wrong with a key's address, and what it is, without credentials."""
    try:
        url = urlsplit(value)
        host, port = url.hostname, url.port
    except ValueError:
        return clean(f"{name} is no address"), None
    if url.scheme not in {"http", "https"} or not host or " " in value:
        return clean(f"{name} is no http address" if value else f"{name} is empty"), None
    at = f"{host}:{port}" if port else host
    return None, clean(f"{name} {url.scheme}://{at}", 200)
