"""Tries whether a service trusts a secret: a token signed with it is shown to it."""

from dataclasses import dataclass
from secrets import token_hex
from typing import ClassVar

from core.actions.families.probes_steps import prober_of
from core.actions.families.secret_steps import new_value, old_value
from core.actions.families.services_draft import passed, warning
from core.actions.part import Proven, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.errors import ClientError, TokenError
from core.keys.tokens.minting import mint_token
from core.model.action import Preflight, Proof
from core.model.key_spec import TokenSpec
from core.model.secret import Secret
from core.model.text import SafeText, clean

_REFUSED = frozenset({401, 403})
_TOKEN_S, _TIMEOUT_S = 180.0, 5.0
_EARLIER_S = 30.0
"""A service whose clock is a little behind would refuse what counts from now on."""
_AGAIN_S = 1.0
SUBJECT = "quarterdeck"
"""Whom tokens for trying belong to, where nobody says better."""


async def ask_with(
    ports: Ports, url: str, secret: str, algorithm: str, subject: str, scopes: tuple[str, ...] = ()
) -> int:
    """Return the HTTP code that a token signed with a secret gets.

    Raises:
        ClientError: there was no answer.
        TokenError: none can be signed.
    """
    now_s = ports.clock.now().timestamp() - _EARLIER_S
    token = mint_token(Secret(secret), subject, scopes, _TOKEN_S, now_s, algorithm)
    bearer = (("authorization", Secret(f"Bearer {token.reveal()}")),)
    return (await prober_of(ports).call("GET", url, _TIMEOUT_S, headers=bearer)).status


def is_good(status: int) -> bool:
    """Tell whether a token was accepted."""
    return 200 <= status < 300


async def try_now(
    ports: Ports, spec: TokenSpec, secret: str, subject: str
) -> tuple[bool, Preflight]:
    """Return whether trying tokens will prove anything, and what is found before the change."""
    try:
        good = await ask_with(ports, spec.identity, secret, spec.algorithm, subject)
        forged = await ask_with(ports, spec.identity, token_hex(32), spec.algorithm, subject)
    except (ClientError, TokenError) as error:
        return False, warning("tokens", f"no token can be tried now: {error}")
    if not is_good(good):
        text = (
            f"a token signed with the secret in this file gets {good} already: the service reads"
            " another file, was not restarted since, or wants another subject"
        )
        return False, warning("tokens", text, "name a known one with subject=…")
    if forged not in _REFUSED:
        text = f"a forged token gets {forged}: the service does not check what signs them"
        return False, warning("tokens", text)
    return True, passed(
        "tokens", f"the secret in this file is the service's: {good}, forged {forged}"
    )


@part
@dataclass(frozen=True, slots=True)
class TokensTried:
    """A token signed with the new secret is accepted, and one signed with the old one is not."""

    kind: ClassVar[str] = "evidence.tokens_tried"
    path: str
    variable: str
    url: str
    algorithm: str
    subject: str
    is_old_good: bool
    """The application still accepts the secret before."""
    is_telling: bool
    """Before the change the old secret was accepted and a forged one refused."""
    within_s: float = 30.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Ask until it is as it should be, or the time is over."""
        until_s = ports.clock.monotonic() + self.within_s
        while True:
            is_right, text = await self._look(ports, work)
            if is_right:
                return Proven(Proof.VERIFIED, text)
            if ports.clock.monotonic() >= until_s:
                return Proven(Proof.FAILED if self.is_telling else Proof.UNVERIFIED, text)
            await ports.clock.sleep(_AGAIN_S)

    async def _look(self, ports: Ports, work: Work) -> tuple[bool, SafeText]:
        old = old_value(work, self.path, self.variable)
        try:
            new_status = await self._ask(ports, new_value(work))
            old_status = await self._ask(ports, old) if old else 401
        except (ClientError, TokenError) as error:
            return False, clean(f"no answer: {error}")
        is_old_right = is_good(old_status) if self.is_old_good else old_status in _REFUSED
        text = clean(f"a token of the new secret gets {new_status}, of the old one {old_status}")
        return is_good(new_status) and is_old_right, text

    async def _ask(self, ports: Ports, secret: str) -> int:
        return await ask_with(ports, self.url, secret, self.algorithm, self.subject)
