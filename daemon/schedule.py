"""The schedule: when which account is to be read next."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.daemon.accounts import Account

LONGEST_WAIT = 3600.0  # seconds between tries of an account that fails
_JITTER = 0.1


@dataclass(slots=True)
class _Turn:
    account: Account
    at: float
    failures: int = 0


@dataclass(slots=True)
class Schedule:
    """Keeps the accounts' turns, in seconds of a clock that never jumps."""

    accounts: Sequence[Account]
    now: float
    _turns: list[_Turn] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = [_Turn(account, self.now) for account in self.accounts]

    def due(self, now: float) -> list[Account]:
        """Give the accounts whose turn it is, the longest waiting first."""
        return [turn.account for turn in sorted(self._turns, key=lambda turn: turn.at) if turn.at <= now]

    def done(self, account: Account, now: float, *, failed: bool) -> None:
        """Set the account's next turn: after its poll interval, or later each time it fails."""
        turn = next(turn for turn in self._turns if turn.account is account)
        turn.failures = turn.failures + 1 if failed else 0
        interval = account.poll.total_seconds()
        if failed:
            interval = max(interval, min(interval * 2.0**turn.failures, LONGEST_WAIT))
        # A little early or late, so that accounts at one server do not march in step.
        turn.at = now + interval * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - nothing to guess here

    def wait(self, now: float) -> float:
        """Give the seconds until the next turn."""
        return max(0.0, min((turn.at for turn in self._turns), default=LONGEST_WAIT + now) - now)
