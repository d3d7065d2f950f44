"""A worker: reads one account whenever it is told to, in a thread of its own.

So whatever a server does to whoever reads it - answers slowly, or not at all, or asks for a pause - nobody else waits
for it. All that leaves the thread is what it stores, and news.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING

import structlog

from keepwarm.connectors.contract import Later
from keepwarm.daemon.account_outcome import AccountOutcome
from keepwarm.daemon.journal import Journal
from keepwarm.daemon.pace import Pace
from keepwarm.daemon.refusals import StillRefused
from keepwarm.daemon.stream_pull import RETRY_AFTER_FAULT, Stopped
from keepwarm.storage.database import DatabaseError, PassingDatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keepwarm.daemon.account_reader import AccountReader
    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.stream_pull import Waiting
    from keepwarm.storage.observations import Batch, Stream

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassEnded:
    """An account was read, as well as it could be; ``began`` is by the clock that never jumps."""

    account: Account
    outcome: AccountOutcome
    began: float
    unstored: PassingDatabaseError | None = None  # why nothing could be stored


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLook:
    """The newest of an account is stored, and worth judging, while its history is still to be read."""

    account: Account
    watched: Sequence[Stream]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """There is nothing to be done any more, for any account."""

    error: DatabaseError


class _Turn(Enum):
    """What a worker is to do next."""

    READ = "read"
    GO_ON = "go on"
    END = "end"


class Worker(Thread):
    """Reads one account. What it learns is told by ``tell``, which any thread may call."""

    def __init__(
        self,
        account: Account,
        reader: Callable[[Waiting, Pace], AccountReader],
        tell: Callable[[PassEnded | FirstLook | Broken], None],
    ) -> None:
        """``reader`` makes a reader of the worker's own, which waits as it is told to, and reads history at a pace."""
        super().__init__(name=f"read {account.name}", daemon=True)
        self._account = account
        self._pace = Pace()
        self._reader = reader(self._wait, self._pace)
        self._tell = tell
        self._turns: SimpleQueue[_Turn] = SimpleQueue()
        self._over = Event()
        self._journal = Journal()
        self._told = ""  # the problem that was logged last

    def begin(self, *, goes_on: bool = False) -> None:
        """Have the account read once, or go on with the history that the last pass has left; for other threads."""
        self._turns.put(_Turn.GO_ON if goes_on else _Turn.READ)

    def hurry(self) -> None:
        """Say that the account has something new: it is looked for while history is read; for other threads."""
        self._pace.hurry()

    def end(self) -> None:
        """Have it end at the next batch; for other threads."""
        self._over.set()
        self._turns.put(_Turn.END)

    def run(self) -> None:
        """Read whenever it is told to, until the end."""
        while (turn := self._turns.get()) is not _Turn.END and not self._over.is_set():
            began, unstored = time.monotonic(), None
            self._journal.begin()
            try:
                outcome = self._reader.read(self._account, self, self._first_look, goes_on=turn is _Turn.GO_ON)
                self._log(outcome)
            except Stopped:
                return
            except PassingDatabaseError as error:
                outcome, unstored = AccountOutcome(self._account.name, failure=Later(str(error))), error
            except DatabaseError as error:
                self._tell(Broken(error=error))
                return
            except BaseException as error:
                # The boundary: a fault of ours, or of a library, and some of those (a native one's panic) are no
                # Exception. The account is tried again later; a thread that ended here would never be missed.
                log.exception("unexpected failure", account=self._account.name)
                failure = Later(f"unexpected {type(error).__name__}: {error}", RETRY_AFTER_FAULT)
                outcome = AccountOutcome(self._account.name, failure=failure)
            self._tell(PassEnded(account=self._account, outcome=outcome, began=began, unstored=unstored))

    def _first_look(self, watched: Sequence[Stream]) -> None:
        self._tell(FirstLook(account=self._account, watched=watched))

    def _wait(self, account: str, seconds: float, why: str) -> None:
        log.info("waiting", account=account, seconds=round(seconds), why=why)
        if self._over.wait(seconds):
            raise Stopped

    def _log(self, outcome: AccountOutcome) -> None:
        """Log what is new; a problem once when it begins, and once when it is over."""
        if outcome.messages or outcome.meetings:
            log.info("read", account=outcome.name, messages=outcome.messages, meetings=outcome.meetings)
        for item in outcome.rejected:
            log.warning("could not be read", account=outcome.name, where=item.where, why=item.reason)
        problem = "; ".join(why for why, _ in outcome.problems)
        if problem == self._told or (self._told and isinstance(outcome.failure, StillRefused)):
            return
        if problem:
            log.warning("cannot be read", account=outcome.name, why=problem, cure=outcome.problems[0][1])
        else:
            log.info("can be read again", account=outcome.name)
        self._told = problem

    # What a pass tells while it goes on.

    def reading(self, account: str, stream: str) -> None:
        """A stream begins."""
        self._journal.reading(account, stream)

    def stored(self, batch: Batch) -> None:
        """A batch is stored. Raises Stopped if the daemon is to stop."""
        self._journal.stored(batch)
        if self._over.is_set():
            raise Stopped
