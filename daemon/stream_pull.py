"""A pull of one stream: its batches are stored as they come, and what goes wrong with it is noted."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeVar

import structlog

from keepwarm.connectors.contract import ConnectorError, CursorLost, Isolates, Later, Refused, SignInNeeded
from keepwarm.daemon.secret import SecretError
from keepwarm.storage import accounts
from keepwarm.storage.accounts import LeaseLost
from keepwarm.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from keepwarm.connectors.contract import Connector
    from keepwarm.daemon.account_outcome import AccountOutcome
    from keepwarm.storage.accounts import Lease, StreamState
    from keepwarm.storage.database import Database
    from keepwarm.storage.ingest import Ingest
    from keepwarm.storage.observations import Batch, Stream

    Enough = Callable[[Batch], bool]

Result = TypeVar("Result")

log = structlog.get_logger()

RETRY_AFTER_FAULT = timedelta(minutes=15)
SHORT_WAIT = timedelta(minutes=2)
"""What a source asks for and is no longer is waited for within the pass."""

_WAITS_IN_VAIN = 3
"""So many short waits in a row, between which nothing came, before the rest is left to another pass."""


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


class Pulled(Enum):
    """How far a pull has come."""

    WHOLE = "whole"
    PAUSED = "paused"  # it was enough for now; its cursor keeps the place
    FAILED = "failed"


def everything(_batch: Batch) -> bool:
    """Say of no batch that it is enough."""
    return False


class StreamPull:
    """Pulls streams of one account, and notes in ``outcome`` what they bring."""

    def __init__(
        self,
        connector: Connector,
        database: Database,
        ingest: Ingest,
        clock: Callable[[], datetime],
        outcome: AccountOutcome,
        waiting: Waiting | None = None,
    ) -> None:
        """``waiting`` is what waits if a source asks for a little time; without it that is left to another pass."""
        self.put_off: dict[int, datetime] = {}  # by stream: it may not be read before
        self._connector = connector
        self._database = database
        self._ingest = ingest
        self._clock = clock
        self._outcome = outcome
        self._waiting = waiting
        self._stored = 0  # batches

    def pull(self, state: StreamState, stream: Stream, watcher: Watcher, enough: Enough = everything) -> Pulled:
        """Pull a stream, to its end or until a batch is ``enough``.

        Raises Stopped, DatabaseError, and what keeps the whole account from being read.
        """
        if state.retry_at is not None and accounts.is_put_off(state.retry_at, self._clock()):
            self.put_off[state.id] = state.retry_at
            self.note_put_off(stream.name, state.retry_at, state.problem)
            return Pulled.FAILED
        watcher.reading(self._outcome.name, stream.name)
        try:
            try:
                return self.patiently(lambda: self._store_all(state.id, stream, watcher, enough))
            except CursorLost as lost:
                log.info("cursor lost, reading anew", account=self._outcome.name, stream=stream.name, why=str(lost))
                self._forget_cursor(state.id, stream, lost)
                return self.patiently(lambda: self._store_all(state.id, stream, watcher, enough))
        except LeaseLost:
            self._outcome.note(f"{stream.name}: another Keepwarm process is reading it.", "Nothing: that one goes on.")
        except (DatabaseError, SignInNeeded, SecretError):
            raise
        except ConnectorError as error:
            if error.of_account:
                raise
            self._failed(state.id, stream, error)
        except Exception as error:
            # The boundary: a fault of ours, or of a library, in one stream must not stop the others.
            log.exception("unexpected failure", account=self._outcome.name, stream=stream.name)
            self._failed(state.id, stream, fault(error))
        return Pulled.FAILED

    def patiently(self, action: Callable[[], Result]) -> Result:
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
                self._waiting(self._outcome.name, later.after.total_seconds(), str(later))

    def note_put_off(self, stream: str, until: datetime, why: str) -> None:
        """Note that a stream is not read yet."""
        self._outcome.note(
            f"{stream}: it was put off until {until:%Y-%m-%d %H:%M} UTC: {why or 'its source asked for it.'}",
            "Nothing: it is read then. Asking before would only have it put off for longer.",
        )

    def _store_all(self, stream_id: int, stream: Stream, watcher: Watcher, enough: Enough) -> Pulled:
        lease = self._ingest.begin(stream_id)
        # What broke off may have been the first batch of what is new, or of the history: both are to be gone through.
        is_doubtful = False
        if lease.broke_off and isinstance(self._connector, Isolates):
            log.info("reading with care", account=self._outcome.name, stream=stream.name, why="the last try broke off")
            self._connector.isolate_next_batch()
            is_doubtful = True
        with self._database.reading() as connection:
            cursor = accounts.cursor_of(connection, stream_id)
        is_history = cursor is None
        try:
            for batch in self._connector.pull(stream, cursor):
                self._store(lease, batch, stream)
                watcher.stored(batch)
                is_doubtful = is_doubtful and not is_history
                is_history = is_history or batch.history_follows
                if not is_doubtful and enough(batch):
                    self._ingest.pause(lease)
                    return Pulled.PAUSED
        except ConnectorError as error:
            if error.of_account or (isinstance(error, Later) and _is_short(error)):
                self._ingest.pause(lease)  # nothing broke off
            raise
        self._outcome.meetings += self._ingest.finish(lease, self._clock()).meetings
        return Pulled.WHOLE

    def _store(self, lease: Lease, batch: Batch, stream: Stream) -> None:
        stored = self._ingest.store(lease, batch, self._clock())
        self._stored += 1
        self._outcome.messages += stored.messages
        self._outcome.meetings += stored.meetings
        self._outcome.rejected.extend(stored.rejected)
        if batch.disowned:
            log.info("taken back", account=self._outcome.name, stream=stream.name, why=batch.disowned)

    def _forget_cursor(self, stream_id: int, stream: Stream, lost: CursorLost) -> None:
        lease = self._ingest.begin(stream_id)
        with self._database.writing() as connection:
            if stream.holds == "mail" and not accounts.may_renew(connection, stream_id, self._clock()):
                raise Refused(
                    f"{lost} That is so all the time: it was read anew {accounts.MOST_RENEWALS} times within a day.",
                    "Ask who runs the server to repair it. Until then it is read anew a few times a day.",
                )
            accounts.new_generation(connection, lease, str(lost))

    def _failed(self, stream_id: int, stream: Stream, error: ConnectorError) -> None:
        what_to_do = cure(error)
        self._outcome.note(f"{stream.name}: {error}", what_to_do)
        retry_at = None
        if isinstance(error, Later):  # what passes has a time, be it now: then its next turn will do
            retry_at = self._clock() + (error.after if error.asked else timedelta())
            if error.asked:
                self.put_off[stream_id] = retry_at
        with self._database.writing() as connection:
            accounts.failed(connection, stream_id, problem=str(error), what_to_do=what_to_do, retry_at=retry_at)


def cure(error: ConnectorError | SecretError) -> str:
    """Give what the owner is to do."""
    if isinstance(error, Later):
        return "Nothing, if it passes: it is tried again. If it stays: check the account's settings, and the network."
    return getattr(error, "what_to_do", "")


def fault(error: Exception) -> Later:
    """Give what nobody has foreseen as an error that passes."""
    return Later(f"unexpected {type(error).__name__}: {error}", RETRY_AFTER_FAULT, asked=False)


def _is_short(later: Later) -> bool:
    return later.asked and later.after <= SHORT_WAIT
