"""A pass over one account: every stream is pulled and stored; what goes wrong with one never stops the others."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

import structlog

from keepwarm.connectors.contract import (
    Busy,
    ConnectorError,
    CursorLost,
    Isolates,
    Later,
    NewestFirst,
    Pushes,
    Refused,
    SignInNeeded,
)
from keepwarm.daemon.account_outcome import AccountOutcome
from keepwarm.daemon.secret import SecretError
from keepwarm.daemon.sign_in_words import sign_in_cure
from keepwarm.storage import accounts
from keepwarm.storage.accounts import LeaseLost
from keepwarm.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from keepwarm.connectors.contract import Connector
    from keepwarm.daemon.accounts import Account
    from keepwarm.storage.accounts import Lease, StreamState
    from keepwarm.storage.database import Database
    from keepwarm.storage.ingest import Ingest
    from keepwarm.storage.observations import Batch, Stream

    _Found = tuple[Stream, StreamState]

Result = TypeVar("Result")

log = structlog.get_logger()

RETRY_AFTER_FAULT = timedelta(minutes=15)
SHORT_WAIT = timedelta(minutes=2)
"""What a source asks for and is no longer is waited for within the pass."""

_WAITS_IN_VAIN = 3
"""So many short waits in a row, between which nothing came, before the rest is left to another pass."""

_LOOKED_AT_FIRST = 5
"""Streams of which the newest is read before the whole of any: more than these nobody waits for."""


class Stopped(BaseException):
    """The daemon is to stop; everything up to the last batch is stored.

    Like KeyboardInterrupt it may come anywhere, and is no fault of the item in hand: what takes in broken items must
    not take it in.
    """


class Watcher(Protocol):
    """Is told how a pass goes, and may end it."""

    def reading(self, account: str, stream: str) -> None:
        """A stream begins."""

    def stored(self, batch: Batch) -> None:
        """A batch is stored. Raises Stopped if the pass is to end here."""


class Waiting(Protocol):
    """Waits, while a source wants to be left alone."""

    def __call__(self, account: str, seconds: float, why: str) -> None:
        """Return after so many seconds. Raises Stopped if the pass is to end here."""


class AccountPass:
    """Reads one account into the database."""

    def __init__(
        self,
        account: Account,
        connector: Connector,
        database: Database,
        ingest: Ingest,
        clock: Callable[[], datetime],
        first_look: Callable[[], None] = lambda: None,
        waiting: Waiting | None = None,
    ) -> None:
        """``first_look`` is called once the newest of an account that was never read is stored.

        ``waiting`` is what waits if a source asks for a little time; without it that is left to another pass.
        """
        self._account = account
        self._first_look = first_look
        self._looked = False
        self._waiting = waiting
        self._stored = 0  # batches
        self._put_off: dict[int, datetime] = {}  # by stream: it may not be read before
        self._connector = connector
        self._database = database
        self._ingest = ingest
        self._clock = clock
        self._outcome = AccountOutcome(account.name)

    def run(self, watcher: Watcher) -> AccountOutcome:
        """Pull all streams of the account, but for those that were put off.

        Raises Stopped, and DatabaseError, which no other account would fare better with.
        """
        with self._database.reading() as connection:
            put_off = accounts.put_off_until(connection, self._account.name, self._clock())
        if put_off:
            self._outcome.put_off_until = min(until for until, _ in put_off.values())
            for name, (until, why) in put_off.items():
                self._note_put_off(name, until, why)
            return self._outcome
        found: list[_Found] = []
        with self._bounded():
            listed = self._list()
            if _is_new(listed) and isinstance(self._connector, NewestFirst):
                listed = self._with_newest(listed, watcher)
                self._looked = True
            found = listed  # of an account that failed nothing else is tried
        if self._looked:
            self._first_look()
        with self._bounded():
            for stream, state in found:
                watcher.reading(self._account.name, stream.name)
                self._pull(state, stream, watcher)
        if found and all(state.id in self._put_off for _, state in found):
            self._outcome.put_off_until = min(self._put_off.values())
        self._connector.close()
        return self._outcome

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Note what keeps the whole account from being read."""
        try:
            yield
        except DatabaseError:
            raise
        except (ConnectorError, SecretError) as error:
            self._account_failed(error)
        except Exception as error:
            # The boundary: a fault of ours, or of a library, in one account must not stop the others.
            log.exception("unexpected failure", account=self._account.name)
            self._account_failed(_fault(error))

    def _list(self) -> list[_Found]:
        """List the streams. Raises what keeps the whole account from being read.

        They are noted together with the account: one without any would look as if nothing of it was left to be read.
        """
        streams = self._patiently(self._connector.streams)
        if isinstance(self._connector, Pushes):
            self._outcome.watched = tuple(self._connector.watched())
        with self._database.writing() as connection:
            account_id = accounts.ensure_account(connection, self._account.name, self._account.kind)
            accounts.set_account_problem(connection, account_id, "")
            return list(zip(streams, accounts.note_streams(connection, account_id, streams), strict=True))

    def _with_newest(self, found: list[_Found], watcher: Watcher) -> list[_Found]:
        """Read the newest of the first streams, to have something to show; give those that can be read on."""
        failed = set()
        for stream, state in found[:_LOOKED_AT_FIRST]:
            watcher.reading(self._account.name, stream.name)
            if not self._pull(state, stream, watcher, newest_only=True):
                failed.add(state.id)
        return [(stream, state) for stream, state in found if state.id not in failed]

    def _pull(self, state: StreamState, stream: Stream, watcher: Watcher, *, newest_only: bool = False) -> bool:
        """Pull a stream, or the newest of it; False if it could not be read."""
        if state.retry_at is not None and accounts.is_put_off(state.retry_at, self._clock()):
            self._put_off[state.id] = state.retry_at
            self._note_put_off(stream.name, state.retry_at, state.problem)
            return False
        try:
            try:
                self._patiently(lambda: self._store_all(state.id, stream, watcher, newest_only=newest_only))
            except CursorLost as lost:
                log.info("cursor lost, reading anew", account=self._account.name, stream=stream.name, why=str(lost))
                self._forget_cursor(state.id, stream, lost)
                self._patiently(lambda: self._store_all(state.id, stream, watcher, newest_only=newest_only))
        except LeaseLost:
            self._outcome.note(f"{stream.name}: another Keepwarm process is reading it.", "Nothing: that one goes on.")
        except (DatabaseError, SignInNeeded, SecretError):
            raise
        except ConnectorError as error:
            if error.of_account:
                raise
            self._stream_failed(state.id, stream, error)
        except Exception as error:
            # The boundary: a fault of ours, or of a library, in one stream must not stop the others.
            log.exception("unexpected failure", account=self._account.name, stream=stream.name)
            self._stream_failed(state.id, stream, _fault(error))
        else:
            return True
        return False

    def _patiently(self, action: Callable[[], Result]) -> Result:
        """Do something, and go on with it after a little while if the source asks for that.

        Raises Later once that was of no use several times in a row.
        """
        waits = 0
        while True:
            before = self._stored
            try:
                return action()
            except Later as later:
                waits = 1 if self._stored > before else waits + 1
                if self._waiting is None or not _is_short(later) or waits > _WAITS_IN_VAIN:
                    raise
                self._waiting(self._account.name, later.after.total_seconds(), str(later))

    def _store_all(self, stream_id: int, stream: Stream, watcher: Watcher, *, newest_only: bool) -> None:
        lease = self._ingest.begin(stream_id)
        if lease.broke_off and isinstance(self._connector, Isolates):
            log.info("reading with care", account=self._account.name, stream=stream.name, why="the last try broke off")
            self._connector.isolate_next_batch()
        with self._database.reading() as connection:
            cursor = accounts.cursor_of(connection, stream_id)
        try:
            for batch in self._connector.pull(stream, cursor):
                self._store(lease, batch, stream)
                watcher.stored(batch)
                if newest_only:
                    self._ingest.pause(lease)
                    return
        except ConnectorError as error:
            if error.of_account or (isinstance(error, Later) and _is_short(error)):
                self._ingest.pause(lease)  # nothing broke off
            raise
        self._outcome.meetings += self._ingest.finish(lease, self._clock()).meetings

    def _store(self, lease: Lease, batch: Batch, stream: Stream) -> None:
        stored = self._ingest.store(lease, batch, self._clock())
        self._stored += 1
        self._outcome.messages += stored.messages
        self._outcome.meetings += stored.meetings
        self._outcome.rejected.extend(stored.rejected)
        if batch.disowned:
            log.info("taken back", account=self._account.name, stream=stream.name, why=batch.disowned)

    def _forget_cursor(self, stream_id: int, stream: Stream, lost: CursorLost) -> None:
        lease = self._ingest.begin(stream_id)
        with self._database.writing() as connection:
            if stream.holds == "mail" and not accounts.may_renew(connection, stream_id, self._clock()):
                raise Refused(
                    f"{lost} That is so all the time: it was read anew {accounts.MOST_RENEWALS} times within a day.",
                    "Ask who runs the server to repair it. Until then it is read anew a few times a day.",
                )
            accounts.new_generation(connection, lease, str(lost))

    def _account_failed(self, error: ConnectorError | SecretError) -> None:
        what_to_do = sign_in_cure(self._account, error) if isinstance(error, SignInNeeded) else _cure(error)
        self._outcome.failure = error
        self._outcome.note(str(error), what_to_do)
        with self._database.writing() as connection:
            account_id = accounts.ensure_account(connection, self._account.name, self._account.kind)
            accounts.set_account_problem(connection, account_id, str(error), what_to_do)
            if isinstance(error, Later) and error.asked and not isinstance(error, Busy):
                accounts.put_off(connection, account_id, self._clock() + error.after)

    def _note_put_off(self, stream: str, until: datetime, why: str) -> None:
        self._outcome.note(
            f"{stream}: it was put off until {until:%Y-%m-%d %H:%M} UTC: {why or 'its source asked for it.'}",
            "Nothing: it is read then. Asking before would only have it put off for longer.",
        )

    def _stream_failed(self, stream_id: int, stream: Stream, error: ConnectorError) -> None:
        what_to_do = _cure(error)
        self._outcome.note(f"{stream.name}: {error}", what_to_do)
        retry_at = None
        if isinstance(error, Later):  # what passes has a time, be it now: then its next turn will do
            retry_at = self._clock() + (error.after if error.asked else timedelta())
            if error.asked:
                self._put_off[stream_id] = retry_at
        with self._database.writing() as connection:
            accounts.failed(connection, stream_id, problem=str(error), what_to_do=what_to_do, retry_at=retry_at)


def _is_short(later: Later) -> bool:
    return later.asked and later.after <= SHORT_WAIT


def _is_new(found: Sequence[_Found]) -> bool:
    return bool(found) and all(state.is_new for _, state in found)


def _cure(error: ConnectorError | SecretError) -> str:
    if isinstance(error, Later):
        return "Nothing, if it passes: it is tried again. If it stays: check the account's settings, and the network."
    return getattr(error, "what_to_do", "")


def _fault(error: Exception) -> Later:
    return Later(f"unexpected {type(error).__name__}: {error}", RETRY_AFTER_FAULT, asked=False)
