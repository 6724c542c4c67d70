"""What a variable's name tells: whether it is a secret, who makes it, whether we may. Pure."""

import re
from dataclasses import dataclass

from core.model.env_text import is_secret_name
from core.model.text import EMPTY, SafeText, clean

_WORDS = frozenset(
    {
        "KEY", "KEYS", "APIKEY", "PASSWORD", "PASSWD", "PASS", "PWD", "PASSPHRASE", "SECRET",
        "SECRETS", "TOKEN", "TOKENS", "CREDENTIAL", "CREDENTIALS", "DSN", "SALT", "PEPPER",
    }
)  # fmt: skip
_ABOUT = frozenset(
    {
        "FILE", "PATH", "DIR", "FOLDER", "NAME", "ID", "TTL", "PREFIX", "HEADER", "ALGORITHM",
        "ALG", "SECONDS", "MINUTES", "HOURS", "DAYS", "EXPIRE", "EXPIRES", "EXPIRY", "LENGTH",
        "BYTES", "COUNT", "LIMIT", "MAX", "MIN", "ENABLED", "REQUIRED", "ROTATION",
        "INTERVAL", "CRON", "ISSUER", "AUDIENCE", "ENDPOINT", "HOST",
        "PORT", "USER", "BUCKET", "REGION", "TYPE",
    }
)  # fmt: skip
"""Last words of names that say something about a secret and are none: `API_KEYS_FILE`."""
_COUNTED = re.compile(r"^(?:MAX|MIN|NUM|DEFAULT_MAX)_", re.IGNORECASE)
_URL_SECRET = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]{0,31}://[^\s/@:]*:[^\s/@]+@")
_SIGNING = re.compile(
    r"(?:^|_)(?:JWT|SESSIONS?|COOKIE|CSRF|SIGNING|SIGNATURE|AUTH)(?:_[A-Z]+)*_?(?:SECRET|KEY)"
    r"|^(?:APP_|DJANGO_|FLASK_)?SECRET(?:_KEY)?(?:_BASE)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Provider:
    """Who makes a secret, and what a person has to do there."""

    name: SafeText
    make: SafeText
    """Where a new one is made."""
    revoke: SafeText
    """How the old one ends, once the new one is in use."""


_PROVIDERS: tuple[tuple[str, str, str, str], ...] = (
    ("GOOGLE", "Google", "console, APIs & Services, Credentials, Create credentials",
     "delete the old key there; restrict the new one to the same APIs and addresses"),
    ("REDDIT", "Reddit", "preferences, apps, the application, edit, secret",
     "making a new secret there ends the old one at once: enter it directly afterwards"),
    ("SUPABASE", "Supabase", "dashboard, Project Settings, API keys",
     "delete the old key there; a new JWT secret ends every key and session of the project"),
    ("OPENAI", "OpenAI", "platform, API keys, Create new secret key", "revoke the old key there"),
    ("ANTHROPIC", "Anthropic", "console, API keys, Create key", "disable the old key there"),
    ("OPENROUTER", "OpenRouter", "settings, keys, Create key", "delete the old key there"),
    ("STRIPE", "Stripe", "dashboard, Developers, API keys, Roll key",
     "rolling lets the old key live for as long as you say there"),
    ("SENTRY", "Sentry", "project settings, Client keys (DSN)", "disable the old key there"),
    ("GITHUB", "GitHub", "settings, Developer settings, tokens", "delete the old token there"),
    ("SLACK", "Slack", "your app, OAuth & Permissions or Incoming Webhooks",
     "revoke the old one there"),
    ("AWS", "AWS", "IAM, the user, Security credentials, Create access key",
     "deactivate the old key there, delete it when nothing has used it for a day"),
    ("TWILIO", "Twilio", "console, API keys & tokens", "delete the old key there"),
    ("SENDGRID", "SendGrid", "Settings, API Keys", "delete the old key there"),
)  # fmt: skip
_ELSEWHERE = re.compile(r"(?:^|_)API_?KEY$|_DSN$|^CLIENT_SECRET$", re.IGNORECASE)


def has_url_secret(value: str) -> bool:
    """Tell whether an address holds a password."""
    return _URL_SECRET.match(value) is not None


def is_secret_variable(name: str, value: str = "") -> bool:
    """Tell whether a variable is a secret: by its name, or because its address holds a password."""
    if has_url_secret(value):
        return True
    words = name.upper().split("_")
    if words[-1] in _ABOUT or _COUNTED.match(name):
        return False
    return bool(_WORDS & set(words)) or is_secret_name(name)


def provider_of(name: str) -> Provider | None:
    """Return who makes a secret; None: its name does not tell."""
    upper = name.upper()
    for word, title, make, revoke in _PROVIDERS:
        if re.search(rf"(?:^|_){word}(?:_|$)", upper):
            return Provider(clean(title), clean(make), clean(revoke))
    if _ELSEWHERE.search(upper):
        return Provider(
            SafeText("its provider"), SafeText("where the old one was made"), SafeText("there")
        )
    return None


def provider_name(name: str) -> SafeText:
    """Return who makes a secret, in a word; empty: its name does not tell."""
    found = provider_of(name)
    return found.name if found else EMPTY


def is_signing(name: str) -> bool:
    """Tell whether a secret is what tokens, cookies or sessions are signed with."""
    return _SIGNING.search(name) is not None and provider_of(name) is None
