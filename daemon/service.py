"""The daemon: has each account read when its turn comes, or when it has news, judges what is new, and stops cleanly.

Each account is read by a worker of its own, a courier sends letters, and a poster posts to the webhook. Here, in the
main thread, is what they have in common: the schedule, what is watched meanwhile, and the judging.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field
from functools import partial
from math import inf
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, assert_never

import structlog

from keepwarm.connectors.contract import SOON, Busy, Later, Refused
from keepwarm.daemon import export_folder
from keepwarm.daemon.account_reader import AccountReader
from keepwarm.daemon.clock_watch import ClockWatch
from keepwarm.daemon.courier import Courier, Looked
from keepwarm.daemon.evaluation import evaluate
from keepwarm.daemon.poster import Poster
from keepwarm.daemon.push import Push
from keepwarm.daemon.schedule import SHORTER_WAIT, Schedule
from keepwarm.daemon.service_manager import ServiceManager
from keepwarm.daemon.sources import connector_for
from keepwarm.daemon.stream_pull import Stopped
from keepwarm.daemon.web.server import WebServer
from keepwarm.daemon.worker import Broken, FirstLook, PassEnded, Worker
from keepwarm.storage.database import DatabaseBusyError, PassingDatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import FrameType

    from keepwarm.connectors.contract import Connector
    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.workshop import Workshop

log = structlog.get_logger()

_STDERR = 2
_SETTLES = 0.5  # seconds: passes that end within them are judged together
_SHARE = 4.0  # while accounts are read, judging rests four times as long as it took
_UNJUDGED = 3600.0  # seconds: by time alone there is something to judge, too
_JUDGING = "judging"
_UNSTORED = 60.0  # seconds: so long after nothing could be stored, judging is not tried again
_BETWEEN_LETTERS = 60.0  # seconds: no oftener it is asked, by time alone, whether a letter is due
_NOTICES = 60.0  # seconds: so soon it is noticed that the machine slept, as no waiting counts the time of that
_FAREWELL = 2.0  # seconds that workers may take to store what they hold; who hangs is left behind


@dataclass(frozen=True, slots=True)
class _Hint:
    """An account has something new."""

    account: str


@dataclass(frozen=True, slots=True)
class _Stop:
    """It is to stop."""


@dataclass(frozen=True, slots=True)
class _Renew:
    """The settings may have changed."""


_News = PassEnded | FirstLook | Broken | Looked | _Hint | _Stop | _Renew


@dataclass(slots=True)
class Service:
    """One running daemon."""

    workshop: Workshop
    clock: Callable[[], datetime]
    renew: Callable[[], bool] = lambda: False  # whether there are other settings, and they can be worked by
    is_renewing: bool = field(default=False, init=False)  # it has ended, or ends, for another to begin by those
    _manager: ServiceManager = field(default_factory=ServiceManager)
    # It may be added to in a signal's handler, as an Event may not.
    _news: SimpleQueue[_News] = field(default_factory=SimpleQueue)
    _workers: dict[str, Worker] = field(default_factory=dict)  # by account
    _schedule: Schedule = field(init=False)
    _push: Push = field(init=False)
    _courier: Courier = field(init=False)
    _clock_watch: ClockWatch = field(init=False)
    _cannot_be_read: set[str] = field(default_factory=set)  # accounts
    _may_renew: bool = False
    _poster: Poster = field(init=False)
    _web: WebServer = field(init=False)
    _stopping: bool = False
    _judging: bool = False
    # By the clock that never jumps:
    _wanted: float | None = None  # since when there is something to judge
    _judged: float = 0.0  # when it was judged last, and ...
    _rested: float = 0.0  # ... until when that is enough for a while
    _letters_at: float = inf  # when a letter may be due
    _unstored: set[str] = field(default_factory=set)  # accounts, and "judging", of which nothing could be stored

    def __post_init__(self) -> None:
        self._schedule = Schedule(self.workshop.configuration.accounts, time.monotonic())
        self._push = Push(self._connector, self.hint)
        self._courier = Courier(self.workshop, self.clock, self._news.put)
        self._clock_watch = ClockWatch(self.clock)
        self._poster = Poster(self.workshop, self.clock, self._news.put)
        self._web = WebServer(self.workshop, self.clock)

    def run(self) -> None:
        """Work until ``stop``.

        Raises DatabaseError and BadUsage: without those there is nothing to be done.
        """
        _ = self.workshop.engine  # a mistake in a rule file is told before an hour of reading, not after
        reader = partial(AccountReader, self.workshop, self.clock)
        for account in self._schedule.accounts:
            self._workers[account.name] = Worker(account, reader, self._news.put)
        self._judged = time.monotonic()
        log.info("started", accounts=len(self._workers))
        try:
            for thread in self._threads:
                thread.start()
            self._manager.ready(self._status)
            while True:
                self._manager.beat()
                self._notice_jumps()
                self._begin_due()
                self._attend(self._patience())
                self._judge_in_time()
                self._renew_in_time()
        except Stopped:
            pass
        finally:
            self._end_all()
        log.info("stopped")

    def hint(self, account: str) -> None:
        """Say that an account has something new: it is read at once. Any thread may say so."""
        self._news.put(_Hint(account))

    def stop(self) -> None:
        """Ask it to stop: it ends after the batches, and the contacts, that it is storing."""
        self._stopping = True
        self._news.put(_Stop())

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stopping

    def heed_signals(self) -> None:
        """Stop on SIGTERM and SIGINT, also while it judges; on SIGHUP see whether there are other settings."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._interrupted)
        signal.signal(signal.SIGHUP, partial(self._hung_up, had_terminal=os.isatty(_STDERR)))

    def _hung_up(self, number: int, frame: FrameType | None, *, had_terminal: bool) -> None:
        if had_terminal and not os.isatty(_STDERR):
            self._interrupted(number, frame)  # its window was closed
        else:
            self._news.put(_Renew())

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()
        if self._judging:
            # Wherever this hits: a transaction that is open is rolled back, and judged again next time.
            raise Stopped

    @property
    def _threads(self) -> tuple[Worker | Courier | Poster | WebServer, ...]:
        return (*self._workers.values(), self._courier, self._poster, self._web)

    def _end_all(self) -> None:
        """End all threads; one that waits for a server, or a keyring, is left behind: it holds nothing."""
        if not self.is_renewing:
            self._manager.stopping()
        threads = self._threads
        for thread in threads:
            thread.end()
        self._push.stop()
        until = time.monotonic() + _FAREWELL
        for thread in threads:
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))

    def _begin_due(self) -> None:
        for account in self._schedule.due(time.monotonic()):
            self._workers[account.name].begin(goes_on=self._schedule.begun(account, time.monotonic()))

    def _patience(self) -> float:
        """Give the seconds until there is something to be done, if nothing comes."""
        now = time.monotonic()
        until = min(self._schedule.wait(now), self._judging_at() - now, self._manager.seconds_to_beat(), _NOTICES)
        return max(0.0, until)

    def _judging_at(self) -> float:
        """Give when to judge next."""
        at = self._judged + _UNJUDGED
        if self._wanted is not None:
            at = self._wanted if self._schedule.is_idle else max(self._wanted + _SETTLES, self._rested)
        return min(at, self._letters_at)

    def _attend(self, seconds: float) -> None:
        """Take in what has come, or comes within so many seconds. Raises Stopped, and DatabaseError."""
        try:
            self._take_in(self._news.get(timeout=seconds))
            while True:
                self._take_in(self._news.get_nowait())
        except Empty:
            return

    def _take_in(self, news: _News) -> None:
        match news:
            case _Hint(account):
                self._schedule.hint(account, time.monotonic())
                if worker := self._workers.get(account):
                    worker.hurry()
            case FirstLook(account=account, watched=watched):
                self._push.watch(account, watched)
                self._want_judging()
            case PassEnded():
                self._note_stored(news.account.name, news.unstored)
                self._plan(news)
                self._want_judging()
            case Looked(again=again):
                seconds = (again - self.clock()).total_seconds()
                self._letters_at = time.monotonic() + max(_BETWEEN_LETTERS, seconds)
            case Broken(error=error):
                raise error
            case _Renew():
                self._may_renew = True
            case _Stop():
                raise Stopped
            case _:
                assert_never(news)

    def _plan(self, ended: PassEnded) -> None:
        """Say when the account is read next, and what is watched meanwhile."""
        account, outcome, now = ended.account, ended.outcome, time.monotonic()
        match outcome.failure:
            case None if outcome.put_off_until is not None:
                seconds = (outcome.put_off_until - self.clock()).total_seconds()
                self._schedule.put_off(account, now, max(0.0, seconds))
            case None if outcome.history:
                self._schedule.go_on(account, now)
            case None:
                self._schedule.done(account, ended.began, now)
            case Refused():
                self._schedule.failed(account, now)
            case Later(after=after) if after > SOON:
                self._schedule.failed(account, now, longest=SHORTER_WAIT, at_least=after.total_seconds())
            case _:
                self._schedule.failed(account, now, longest=SHORTER_WAIT)
        if outcome.failure is None and outcome.put_off_until is None:
            self._push.watch(account, outcome.watched)
        elif outcome.failure is not None:
            self._push.leave(account, crowded=isinstance(outcome.failure, Busy))

        if outcome.failure is None:
            self._cannot_be_read.discard(account.name)
        else:
            self._cannot_be_read.add(account.name)
        self._manager.status(self._status)

    def _notice_jumps(self) -> None:
        """Put right what was worked out by a clock that was set, or before the machine slept."""
        jump = self._clock_watch.jumped()
        if not jump:
            return
        log.info("the clock was set, or the machine slept", seconds=round(jump))
        if jump > 0:
            self._schedule.awake(time.monotonic())
        self._letters_at = 0.0  # judged by time alone, and the courier looks

    @property
    def _status(self) -> str:
        failing = f"; cannot be read: {', '.join(sorted(self._cannot_be_read))}" if self._cannot_be_read else ""
        return f"Accounts: {len(self._workers)}{failing}."

    def _renew_in_time(self) -> None:
        """See whether there are other settings, if that was asked. Raises Stopped if it is to begin anew by them."""
        if self._may_renew:
            self._may_renew = False
            self._manager.reloading()
            self.is_renewing = self.renew()
            if self.is_renewing:
                raise Stopped
            self._manager.ready(self._status)

    def _connector(self, account: Account) -> Connector:
        return connector_for(account, self.workshop.configuration, self.clock)

    def _want_judging(self) -> None:
        if self._wanted is None:
            self._wanted = time.monotonic()

    def _judge_in_time(self) -> None:
        """Judge what is new, if it is time. Raises Stopped, BadUsage and DatabaseError."""
        now = time.monotonic()
        if now < self._judging_at():
            return
        self._wanted = None
        self._judge()
        self._judged = time.monotonic()
        self._rested = self._judged + _SHARE * (self._judged - now)

    def _judge(self) -> None:
        self._judging = True
        try:
            self._check()  # told to stop before this could be interrupted
            evaluated = evaluate(self.workshop, self.clock(), self.judged)
            export_folder.refresh(self.workshop, self.clock(), self._look_up)
        except PassingDatabaseError as error:
            self._note_stored(_JUDGING, error)
            self._wanted = time.monotonic() + (0.0 if isinstance(error, DatabaseBusyError) else _UNSTORED)
            return
        finally:
            self._judging = False
        self._note_stored(_JUDGING, None)
        self._letters_at = inf  # until the courier says
        self._courier.look()
        self._poster.look()
        self._web.tell()
        if evaluated.signals_opened:
            log.info("judged", contacts=evaluated.contacts, new_signals=evaluated.signals_opened)

    def _note_stored(self, what: str, error: PassingDatabaseError | None) -> None:
        """Log what keeps anything from being stored, but once for all, and once that it is over for all."""
        if isinstance(error, DatabaseBusyError):
            log.warning("not stored yet", what=what, why=str(error), cure=error.what_to_do)
            return
        before = bool(self._unstored)
        (self._unstored.discard if error is None else self._unstored.add)(what)
        if error is not None and not before:
            log.error("cannot be stored", why=str(error), cure=error.what_to_do)
        elif before and not self._unstored:
            log.info("can be stored again")

    def judged(self, done: int, of: int) -> None:
        """So many contacts are judged: time to see what the workers do. Raises Stopped if the daemon is to stop."""
        log.debug("judging", done=done, of=of)
        self._look_up()

    def _look_up(self) -> None:
        """See what the workers do, in the midst of something long. Raises Stopped if the daemon is to stop."""
        self._manager.beat()
        self._attend(0.0)
        self._begin_due()
        self._check()

    def _check(self) -> None:
        if self._stopping:
            raise Stopped
