"""Refusals: an account whose password was refused is left alone until it has another one.

Whoever offers a wrong password again and again has the account locked, or this machine banned. As servers take their
own outages for wrong passwords now and then, the same one is offered once more after an hour, then once a day; and at
any time by an owner who asks for it.

It is remembered in the database, so that neither the daemon started again nor a ``keepwarm sync`` each five minutes
offers it anew. Nothing there can be turned back into a password: of a slow digest only twelve bits are kept. They tell
4,095 of 4,096 other passwords from it, and fit a 4,096th part of all that anybody might try.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import SignInNeeded
from keepwarm.daemon.secret import Secret, SecretError, resolve
from keepwarm.storage import refusals, settings
from keepwarm.storage.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from keepwarm.daemon.accounts import Account
    from keepwarm.storage.database import Database

_SOON = timedelta(hours=1)
_LATE = timedelta(days=1)
_MARK = 3  # hexadecimal digits


class StillRefused(SignInNeeded):
    """The password is the one that was refused: it was not offered again."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Refusals:
    """What was refused; ``now`` is the clock of this machine, whatever moment is worked as of."""

    database: Database
    now: Callable[[], datetime] = _now

    def note(self, account: Account, refused: SignInNeeded) -> None:
        """Note that the account's present secret was refused; nothing to do for one that signs in otherwise.

        Raises DatabaseError.
        """
        mark = self._mark(account)
        if mark is None:
            return
        with self.database.writing() as connection:
            before = refusals.of_account(connection, account.name)
            times = before.times + 1 if before and before.mark == mark else 1
            until = self.now() + (_SOON if times == 1 else _LATE)
            why, cure = str(refused), refused.what_to_do
            refusals.put(
                connection, account.name, Refusal(mark=mark, times=times, until=until, why=why, what_to_do=cure)
            )

    def forget(self, account: Account) -> None:
        """Note that it was signed in. Raises DatabaseError."""
        if self._of(account) is not None:
            with self.database.writing() as connection:
                refusals.forget(connection, account.name)

    def check(self, account: Account) -> None:
        """Make sure that something else than another refusal is to be expected.

        Raises StillRefused, and DatabaseError.
        """
        refusal = self._of(account)
        # What is far ahead was said by a clock that is not to be believed.
        if refusal is None or not refusal.until - _LATE <= self.now() < refusal.until:
            return
        if self._mark(account) == refusal.mark:
            raise StillRefused(
                f"{refusal.why} It is still the same one, which is not offered again "
                f"before {refusal.until:%Y-%m-%d %H:%M} UTC.",
                refusal.what_to_do,
            )

    def _of(self, account: Account) -> Refusal | None:
        with self.database.reading() as connection:
            return refusals.of_account(connection, account.name)

    def _mark(self, account: Account) -> str | None:
        secret = getattr(account, "password", None)
        if not isinstance(secret, Secret):
            return None
        try:
            password = resolve(secret).encode()
        except SecretError:
            return None
        with self.database.reading() as connection:
            key = settings.get(connection, "hash_key") or ""
        salt = f"{key} {account.name}".encode()
        return hashlib.scrypt(password, salt=salt, n=2**14, r=8, p=1, dklen=8).hex()[:_MARK]
