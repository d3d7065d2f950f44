"""The daemon: reads each account when its turn comes, or when it has news, judges what is new, and stops cleanly."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import structlog

from keepwarm.connectors.contract import SOON, Busy, Later, Refused, SignInNeeded
from keepwarm.daemon.account_pass import Stopped
from keepwarm.daemon.evaluation import evaluate
from keepwarm.daemon.full_pass import read_account
from keepwarm.daemon.journal import Journal
from keepwarm.daemon.push import Push
from keepwarm.daemon.refusals import Refusals
from keepwarm.daemon.schedule import SHORTER_WAIT, Schedule
from keepwarm.daemon.sources import connector_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import FrameType

    from keepwarm.connectors.contract import Connector
    from keepwarm.daemon.account_pass import AccountOutcome
    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.observations import Batch

log = structlog.get_logger()


@dataclass(slots=True)
class Service:
    """One running daemon."""

    workshop: Workshop
    clock: Callable[[], datetime]
    # Names of accounts that have news, or "". It may be added to in a signal's handler, as an Event may not.
    _news: SimpleQueue[str] = field(default_factory=SimpleQueue)
    _told: dict[str, str] = field(default_factory=dict)  # by account: the problem that was logged last
    _refusals: Refusals = field(default_factory=Refusals)
    _reading: bool = False
    _stopping: bool = False
    _journal: Journal = field(default_factory=Journal)

    def run(self) -> None:
        """Work until ``stop``.

        Raises DatabaseError and BadUsage: without those there is nothing to be done.
        """
        schedule = Schedule(self.workshop.configuration.accounts, time.monotonic())
        push = Push(self._connector, self.hint)
        log.info("started", accounts=len(schedule.accounts))
        try:
            while not self._stopping:
                self._turn(schedule, push)
                self._rest(schedule)
        except Stopped:
            pass
        finally:
            push.stop()
        log.info("stopped")

    def hint(self, account: str) -> None:
        """Say that an account has something new: it is read at once. Any thread may say so."""
        self._news.put(account)

    def stop(self) -> None:
        """Ask it to stop: it ends after the batch, or the contacts, that it is storing."""
        self._stopping = True
        self._news.put("")

    def stop_on_signals(self) -> None:
        """Stop on SIGTERM and SIGINT, also while a server is keeping it waiting."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._interrupted)

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()
        if self._reading:
            # Wherever this hits: a transaction that is open is rolled back, and its batch is read again next time.
            raise Stopped

    def _turn(self, schedule: Schedule, push: Push) -> None:
        due = schedule.due(time.monotonic())
        for account in due:
            began = time.monotonic()
            if self._refusals.stands(account, began):
                schedule.failed(account, began, longest=SHORTER_WAIT)
                continue
            outcome = self._read(account)
            self._tell(outcome)
            self._plan(account, outcome, began, schedule, push)
        if due:
            evaluated = evaluate(self.workshop, self.clock(), self.judged)
            if evaluated.signals_opened:
                log.info("judged", contacts=evaluated.contacts, new_signals=evaluated.signals_opened)

    def _rest(self, schedule: Schedule) -> None:
        """Sleep until a turn comes, or until somebody has news."""
        with suppress(Empty):
            name = self._news.get(timeout=schedule.wait(time.monotonic()))
            while True:
                schedule.hint(name, time.monotonic())
                name = self._news.get_nowait()

    def _read(self, account: Account) -> AccountOutcome:
        self._reading = True
        try:
            self._check()  # told to stop before this could be interrupted
            return read_account(self.workshop, account, self.clock, self)
        finally:
            self._reading = False

    def _plan(self, account: Account, outcome: AccountOutcome, began: float, schedule: Schedule, push: Push) -> None:
        """Say when the account is read next, and what is watched meanwhile."""
        now = time.monotonic()
        match outcome.failure:
            case None:
                self._refusals.forget(account)
                schedule.done(account, began, now)
                push.watch(account, outcome.watched)
                return
            case Refused():
                schedule.failed(account, now)
            case SignInNeeded():
                self._refusals.note(account, now)
                schedule.failed(account, now, longest=SHORTER_WAIT)
            case Later(after=after) if after > SOON:
                schedule.failed(account, now, longest=SHORTER_WAIT, at_least=after.total_seconds())
            case _:
                schedule.failed(account, now, longest=SHORTER_WAIT)
        push.leave(account, crowded=isinstance(outcome.failure, Busy))

    def _connector(self, account: Account) -> Connector:
        return connector_for(account, self.workshop.configuration, self.clock)

    def _tell(self, outcome: AccountOutcome) -> None:
        """Log what is new; a problem once when it begins, and once when it is over."""
        if outcome.messages or outcome.meetings:
            log.info("read", account=outcome.name, messages=outcome.messages, meetings=outcome.meetings)
        for item in outcome.rejected:
            log.warning("could not be read", account=outcome.name, where=item.where, why=item.reason)
        problem = "; ".join(why for why, _ in outcome.problems)
        if problem != self._told.get(outcome.name, ""):
            if problem:
                log.warning("cannot be read", account=outcome.name, why=problem, cure=outcome.problems[0][1])
            else:
                log.info("can be read again", account=outcome.name)
            self._told[outcome.name] = problem

    # What a pass tells while it goes on.

    def reading(self, account: str, stream: str) -> None:
        """A stream begins."""
        self._journal.reading(account, stream)

    def stored(self, batch: Batch) -> None:
        """A batch is stored. Raises Stopped if the daemon is to stop."""
        self._journal.stored(batch)
        self._check()

    def judged(self, done: int, of: int) -> None:
        """So many contacts are judged. Raises Stopped if the daemon is to stop."""
        log.debug("judging", done=done, of=of)
        self._check()

    def _check(self) -> None:
        if self._stopping:
            raise Stopped
