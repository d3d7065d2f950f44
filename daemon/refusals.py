"""Refusals: an account whose password was refused is left alone until it has another one.

Whoever offers a wrong password again and again has the account locked, or this machine banned. As servers take their
own outages for wrong passwords now and then, the same one is offered once more after an hour, then once a day.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import TYPE_CHECKING

from keepwarm.daemon.secret import Secret, SecretError, resolve

if TYPE_CHECKING:
    from keepwarm.daemon.accounts import Account

_SOON = 3600.0
_LATE = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class _Refusal:
    digest: bytes
    times: int
    until: float


@dataclass(slots=True)
class Refusals:
    """What was refused since the process began; of secrets only a digest is held, under a key that is held only here.

    Times are seconds of a clock that never jumps.
    """

    _key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    _by_account: dict[str, _Refusal] = field(default_factory=dict)

    def note(self, account: Account, now: float) -> None:
        """Note that the account's present secret was refused; nothing to do for one that signs in otherwise."""
        digest = self._digest(account)
        if digest is None:
            return
        before = self._by_account.get(account.name)
        times = before.times + 1 if before and before.digest == digest else 1
        self._by_account[account.name] = _Refusal(digest, times, now + (_SOON if times == 1 else _LATE))

    def forget(self, account: Account) -> None:
        """Note that it was signed in."""
        self._by_account.pop(account.name, None)

    def stands(self, account: Account, now: float) -> bool:
        """Tell whether nothing is to be expected but another refusal."""
        refusal = self._by_account.get(account.name)
        return refusal is not None and now < refusal.until and self._digest(account) == refusal.digest

    def _digest(self, account: Account) -> bytes | None:
        secret = getattr(account, "password", None)
        if not isinstance(secret, Secret):
            return None
        try:
            return hmac.digest(self._key, resolve(secret).encode(), "sha256")
        except SecretError:
            return None
