"""The daemon: reads each account when its turn comes, judges what is new, and stops cleanly when it is told to."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

import structlog

from keepwarm.daemon.account_pass import Stopped
from keepwarm.daemon.evaluation import evaluate
from keepwarm.daemon.full_pass import read_account
from keepwarm.daemon.journal import Journal
from keepwarm.daemon.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import FrameType

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
    _stop: Event = field(default_factory=Event)
    _told: dict[str, str] = field(default_factory=dict)  # by account: the problem that was logged last
    _reading: bool = False
    _journal: Journal = field(default_factory=Journal)

    def run(self) -> None:
        """Work until ``stop``.

        Raises DatabaseError and BadUsage: without those there is nothing to be done.
        """
        schedule = Schedule(self.workshop.configuration.accounts, time.monotonic())
        log.info("started", accounts=len(schedule.accounts))
        try:
            while not self._stop.is_set():
                self._turn(schedule)
                self._stop.wait(schedule.wait(time.monotonic()))
        except Stopped:
            pass
        log.info("stopped")

    def stop(self) -> None:
        """Ask it to stop: it ends after the batch, or the contacts, that it is storing."""
        self._stop.set()

    def stop_on_signals(self) -> None:
        """Stop on SIGTERM and SIGINT, also while a server is keeping it waiting."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._interrupted)

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()
        if self._reading:
            # Wherever this hits: a transaction that is open is rolled back, and its batch is read again next time.
            raise Stopped

    def _turn(self, schedule: Schedule) -> None:
        due = schedule.due(time.monotonic())
        for account in due:
            outcome = self._read(account)
            schedule.done(account, time.monotonic(), failed=bool(outcome.problems))
            self._tell(outcome)
        if due:
            evaluated = evaluate(self.workshop, self.clock(), self.judged)
            if evaluated.signals_opened:
                log.info("judged", contacts=evaluated.contacts, new_signals=evaluated.signals_opened)

    def _read(self, account: Account) -> AccountOutcome:
        self._reading = True
        try:
            return read_account(self.workshop, account, self.clock, self)
        finally:
            self._reading = False

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
        if self._stop.is_set():
            raise Stopped
