"""The schedule: when which account is to be read next."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.daemon.accounts import Account

LONGEST_WAIT = 3600.0  # seconds between tries of an account that fails
SHORTER_WAIT = 900.0  # ... if it may be mended at any moment: the network is back, the password another one
_JITTER = 0.1
# Hints may keep an account busy a fifth of the time. Those of the last seconds are on credit: the first comes at once.
_SHARE = 5
_CREDIT = 20.0
_LONGEST_REST = 30.0  # seconds without a pass, however long the one before took
_AWAKENS = (5.0, 20.0)  # seconds, at least and at most, until a machine that slept has its network again


@dataclass(slots=True)
class _Turn:
    account: Account
    at: float
    failures: int = 0
    paid: float = 0.0  # until when the time for the passes so far is paid, at a fifth of a second each second
    is_on: bool = False  # it is being read
    has_news: bool = False  # there was a hint since that was begun
    is_put_off: bool = False  # nothing of it may be read before its turn
    goes_on: bool = False  # its turn is to read on in the history, and ...
    look_at: float = 0.0  # ... to look for what is new from then on, or once there is a hint


@dataclass(slots=True)
class Schedule:
    """Keeps the accounts' turns, in seconds of a clock that never jumps."""

    accounts: Sequence[Account]
    now: float
    _turns: list[_Turn] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = [_Turn(account, self.now) for account in self.accounts]

    def due(self, now: float) -> list[Account]:
        """Give the accounts whose turn it is, and which are not being read, the longest waiting first."""
        waiting = [turn for turn in self._turns if turn.at <= now and not turn.is_on]
        return [turn.account for turn in sorted(waiting, key=lambda turn: turn.at)]

    def begun(self, account: Account, now: float) -> bool:
        """Note that a pass is on: until it has ended the account has no other turn, and hints are kept for then.

        True if it only has to go on with the history.
        """
        turn = self._of(account.name)
        goes_on = turn.goes_on and not turn.has_news and now < turn.look_at
        if not goes_on:
            turn.look_at = now + account.poll.total_seconds()
        turn.is_on, turn.has_news = True, False
        return goes_on

    @property
    def is_idle(self) -> bool:
        """Say whether no account is being read, nor goes on being read."""
        return not any(turn.is_on or turn.goes_on for turn in self._turns)

    def done(self, account: Account, began: float, now: float) -> None:
        """Set the turn after a pass that went well: after the account's poll interval."""
        turn = self._ended(account)
        turn.failures = 0
        turn.paid = min(max(turn.paid, began) + _SHARE * (now - began), now + _CREDIT + _LONGEST_REST)
        self._set(turn, now, account.poll.total_seconds())
        if turn.has_news:
            self.hint(account.name, now)

    def go_on(self, account: Account, now: float) -> None:
        """Set the turn after a pass that went well and has left some history: it is gone on with at once."""
        turn = self._ended(account)
        turn.failures, turn.goes_on, turn.at = 0, True, now

    def failed(self, account: Account, now: float, *, at_least: float = 0.0, longest: float = LONGEST_WAIT) -> None:
        """Set the turn after the account could not be read: later each time, up to ``longest``.

        In less than ``at_least`` seconds it will not come.
        """
        turn = self._ended(account)
        turn.failures += 1
        interval = account.poll.total_seconds()
        grown = min(interval * 2.0 ** min(turn.failures, 32), longest)
        self._set(turn, now, max(interval, grown, at_least))
        turn.at = max(turn.at, now + at_least)

    def put_off(self, account: Account, now: float, seconds: float) -> None:
        """Set the turn of an account of which nothing may be read for so long; no hint changes that."""
        turn = self._ended(account)
        turn.failures, turn.is_put_off = 0, True
        turn.at = now + seconds

    def hint(self, name: str, now: float) -> None:
        """Have an account read now, or soon: there is something new. One that cannot be read keeps its turn."""
        turn = next((turn for turn in self._turns if turn.account.name == name), None)
        if (turn and turn.is_on) or (turn and turn.goes_on):
            turn.has_news = True
        elif turn and not turn.failures and not turn.is_put_off:
            turn.at = min(turn.at, max(now, turn.paid - _CREDIT))

    def awake(self, now: float) -> None:
        """Have all accounts read soon, those that failed too: the machine has slept, and much may be new or mended.

        What was put off until a time says so again, if that has not come.
        """
        for turn in self._turns:
            soon = now + random.uniform(*_AWAKENS)  # noqa: S311 - nothing to guess here
            turn.at = min(turn.at, soon)

    def wait(self, now: float) -> float:
        """Give the seconds until the next turn."""
        return max(0.0, min((turn.at for turn in self._turns if not turn.is_on), default=LONGEST_WAIT + now) - now)

    def _of(self, name: str) -> _Turn:
        return next(turn for turn in self._turns if turn.account.name == name)

    def _ended(self, account: Account) -> _Turn:
        turn = self._of(account.name)
        turn.is_on = turn.is_put_off = turn.goes_on = False
        return turn

    def _set(self, turn: _Turn, now: float, interval: float) -> None:
        # A little early or late, so that accounts at one server do not march in step.
        turn.at = now + interval * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - nothing to guess here
